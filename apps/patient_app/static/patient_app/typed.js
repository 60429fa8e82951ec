// What a person has typed or chosen on a screen and not saved: drawing the screen anew gives it back.

const IN_USE = ":is(textarea, select, input[type=text])";

/** While a field has the focus the keyboard or the list of choices is open: a new field in its place would close it. */
export const isInUse = (screen) => screen.contains(document.activeElement) && document.activeElement.matches(IN_USE);

/** @param {Element} screen @returns {(screen: Element) => void} gives it back to the screen as it is drawn by then */
export function unsaved(screen) {
  const kept = controlsOf(screen).filter(isChanged).map((control) => [keyOf(control), stateOf(control)]);
  return (drawn) => {
    const controls = new Map(controlsOf(drawn).map((control) => [keyOf(control), control]));
    for (const [key, state] of kept) if (controls.has(key)) giveBack(controls.get(key), state);
  };
}

const controlsOf = (screen) => [...screen.querySelectorAll("input, textarea, select")];

const isBox = (control) => control.type === "checkbox" || control.type === "radio";

/** By its name, or among options by what it stands for: another option may have come before it. */
const keyOf = (control) => control.id || `${control.type} ${control.value}`;

function isChanged(control) {
  if (isBox(control)) return control.checked !== control.defaultChecked;
  if (control.matches("select")) return !control.selectedOptions[0]?.defaultSelected;
  return control.value !== control.defaultValue;
}

const stateOf = (control) =>
  isBox(control) ? { checked: control.checked } : { value: control.value, from: control.selectionStart, to: control.selectionEnd };

function giveBack(control, { checked, value, from, to }) {
  if (isBox(control)) control.checked = checked;
  else control.value = value;
  if (control.matches("textarea, input[type=text]")) control.setSelectionRange(from, to);
}
