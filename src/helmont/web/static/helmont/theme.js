// Light, dark, or as the device says. Loaded before the style sheets, so that no page flashes in the wrong colours.
(() => {
  const KEY = "helmont.theme";
  const root = document.documentElement;

  const stored = () => {
    try {
      return localStorage.getItem(KEY) ?? "system";
    } catch {
      return "system"; // storage is refused: the device decides
    }
  };

  const show = (choice) => {
    if (choice === "system") delete root.dataset.theme;
    else root.dataset.theme = choice;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
  };

  show(stored());

  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme-menu")?.removeAttribute("hidden");
    show(stored());
  });

  document.addEventListener("click", (event) => {
    const choice = event.target.closest?.("[data-theme-choice]")?.dataset.themeChoice;
    if (!choice) return;
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // the choice then lasts for this page only
    }
    show(choice);
  });
})();
