// A language that nobody speaks: English that is marked, longer, and runs from right to left.

const MARK = "\u200f";
const WIDER = { a: "á", e: "é", i: "í", o: "ó", u: "ú", A: "Á", E: "É", I: "Í", O: "Ó", U: "Ú" };

/** Every text of a catalogue, with its gaps left as they are; codes and versions are not text. */
export function pseudo(content, key = "") {
  if (typeof content === "string") return key === "version" || key === "language" ? content : turn(content);
  if (Array.isArray(content)) return content.map((one) => pseudo(one));
  return Object.fromEntries(Object.entries(content).map(([name, one]) => [name, pseudo(one, name)]));
}

function turn(text) {
  const parts = text.split(/(\{\w+\})/);
  return MARK + parts.map((part) => (part.startsWith("{") ? part : part.replace(/[aeiou]/gi, (one) => WIDER[one]))).join("") + MARK;
}
