// A few words to the clinic, at any time. Not a way to call for help, and it says so.

import { h } from "../dom.js";
import { t, wordingOf, safetyText } from "../i18n.js";
import { button, errorLine, page, primary, proxyLine, text } from "../page.js";
import { keep, tell } from "../runs.js";

const LONGEST = 200;
const KEY = "note";

export function noteScreen(app) {
  const { snapshot } = app;
  const words = wordingOf(snapshot.today, "note");
  const run = snapshot.runs.find((one) => one.key === KEY) ?? { key: KEY, trial: snapshot.session.trial.id, text: "" };
  const error = errorLine("note-error");
  const write = (value) => {
    run.text = value;
    error.clear();
    app.guarded(() => keep(run));
  };
  const send = () => {
    if (!run.text.trim()) return error.say(t("note.empty"));
    return app.guarded(async () => {
      const id = await tell(snapshot, "note", run.text.trim(), {}, { endRun: KEY });
      await app.reload();
      return app.go("saved", { ids: [id] }, { replace: true });
    });
  };
  return page(
    { heading: words.text, before: proxyLine(snapshot), actions: [button(t("question.back"), app.back), primary(t("note.send"), send)] },
    text(words.help),
    text(safetyText().not_monitored, "strong"),
    writingField("note-text", t("note.label"), write, run.text),
    error.line,
  );
}

/** A field for up to 200 characters as the API counts them, with what is left said when it gets close. */
export function writingField(id, label, onwrite, value = "") {
  const left = h("p", { id: `${id}-left`, class: "quiet", role: "status" });
  const area = h("textarea", { id, rows: "4", maxlength: String(LONGEST), "aria-describedby": `${id}-left`, oninput: () => wrote() });
  const wrote = () => {
    const text = cleaned(area.value);
    const rest = LONGEST - [...text].length;
    left.replaceChildren(rest < 50 ? t("note.left", { n: Math.max(0, rest) }) : "");
    onwrite(text);
  };
  area.value = value;
  return h("div", { class: "field" }, h("label", { for: id }, label), area, left);
}

/** Tabs and characters that cannot be seen are refused by the API: nobody means to type them. */
const cleaned = (text) => text.replace(/\r\n?/g, "\n").replace(/\t/g, " ").replace(/(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu, "");
