// A language that nobody speaks, from English: it shows, before there is a translation, what does not turn round.

const MARK = "\u200f";
const SENTENCE = /\S.*?[.?](?=\s|$)|\S.*$/g;
const NOT_TEXT = new Set(["language", "name", "version"]);

/** Every text of a catalogue, each sentence between Arabic letters; gaps, codes and names stay as they are. */
export function pseudo(content, key = "") {
  if (typeof content === "string") return NOT_TEXT.has(key) ? content : turn(content);
  if (Array.isArray(content)) return content.map((one) => pseudo(one));
  return Object.fromEntries(Object.entries(content).map(([name, one]) => [name, pseudo(one, name)]));
}

const turn = (text) => text.replace(SENTENCE, (sentence) => `${MARK}ابجد ${sentence} هوز${MARK}`);
