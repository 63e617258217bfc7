// Menus are <details class="menu">: they work without this module, which closes them on Escape and on a click elsewhere.

const open = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    const within = menu.contains(document.activeElement);
    menu.open = false;
    if (within) menu.querySelector("summary").focus();
  }
});

document.addEventListener("focusout", (event) => {
  for (const menu of open()) {
    if (menu.contains(event.target) && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  }
});
