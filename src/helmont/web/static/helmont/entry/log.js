// The list of a log: removing and restoring lines, after which the list is read again.

import "./actions.js";

document.addEventListener("helmont:changed", () => location.reload());
