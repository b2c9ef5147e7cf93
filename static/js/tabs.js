/* Tabs over panels that are already on the page (the desk: nothing is fetched while somebody is on the line).

   <div class="tabs" role="tablist"><button role="tab" aria-controls="panel-id" aria-selected="true">…
   Arrow keys move; the chosen tab is kept when htmx replaces a panel's content. */

function choose(tab, { focus = false } = {}) {
  for (const other of tab.parentElement.querySelectorAll('[role="tab"]')) {
    const isChosen = other === tab;
    other.setAttribute("aria-selected", String(isChosen));
    other.tabIndex = isChosen ? 0 : -1;
    const panel = document.getElementById(other.getAttribute("aria-controls"));
    if (panel) panel.hidden = !isChosen;
  }
  if (focus) tab.focus();
}

/** Wire every tab list of the page, present and to come. */
export function startTabs() {
  document.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) choose(tab);
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.('[role="tab"]');
    if (!tab) return;
    const tabs = [...tab.parentElement.querySelectorAll('[role="tab"]')];
    const at = { ArrowRight: tabs.indexOf(tab) + 1, ArrowLeft: tabs.indexOf(tab) - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at === undefined) return;
    event.preventDefault();
    choose(tabs.at(at % tabs.length), { focus: true });
  });
}
