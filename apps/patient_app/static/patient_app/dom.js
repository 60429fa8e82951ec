// Elements from data. Text is always text: nothing here, or anywhere in the app, turns a string into markup.

/**
 * An element: `h("a", { class: "quiet", href: "#" }, "text", otherElement)`.
 * A property that begins with "on" is a listener; true is an attribute without a value; null and false are left out.
 * @param {string} tag
 * @param {Record<string, any> | null} [properties]
 * @param {...(Node | string | null | false | undefined)} children
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) set(element, name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else element.setAttribute(name, value === true ? "" : String(value));
}

const SVG = "http://www.w3.org/2000/svg";

/** A line drawing that says nothing to a screen reader: the words beside it do. */
export function icon(path, kind = "") {
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  for (const [name, value] of [["viewBox", "0 0 24 24"], ["class", `icon ${kind}`.trim()], ["aria-hidden", "true"], ["focusable", "false"]])
    svg.setAttribute(name, value);
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export const ICONS = {
  phone: "M6.6 3.5 9 3l2 4.5-2 1.6a12 12 0 0 0 5.9 5.9l1.6-2L21 15l-.5 2.4a3 3 0 0 1-3.2 2.4A15.5 15.5 0 0 1 4.2 6.7a3 3 0 0 1 2.4-3.2Z",
  menu: "M4 7h16M4 12h16M4 17h16",
  on: "m9 5 7 7-7 7",
  here: "M7 3h10a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 17 21H7a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 7 3Zm4 15h2",
  received: "m5 12.5 4.5 4.5L19 7.5",
  alert: "M12 4 2.8 19.5h18.4L12 4Zm0 6v4.5m0 2.6v.1",
  write: "M4 20h4L19.5 8.5l-4-4L4 16v4Zm9-13 4 4",
};
