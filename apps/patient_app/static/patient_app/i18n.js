// The app's own sentences and the questions' wording, in the patient's language.

import { pseudo } from "./pseudo.js";

export const LANGUAGES = { en: "English", es: "Español", de: "Deutsch" };
/** Made from English by a function, to see that nothing depends on the direction; in the demo only. */
export const PSEUDO = "ar-XB";

const root = document.documentElement;
const files = new URL("../", import.meta.url);
const loaded = new Map();
let now = { code: "en", messages: {}, wording: {} };

export const isDemo = root.hasAttribute("data-demo");
export const languages = () => ({ ...LANGUAGES, ...(isDemo && { [PSEUDO]: "‏Pseudo (RTL)" }) });
export const language = () => now.code;
/** The language whose wording was read: what answers and the service are told. */
export const wordingLanguage = () => (now.code === PSEUDO ? "en" : now.code);

/** The first of the phone's languages that we have. */
export const phoneLanguage = () =>
  navigator.languages.map((tag) => tag.slice(0, 2)).find((code) => code in LANGUAGES) ?? "en";

/** Speaks `code` from now on; a code that we do not have is English. */
export async function speak(code) {
  const known = code in languages() ? code : "en";
  const base = known === PSEUDO ? "en" : known;
  const [messages, wording] = await Promise.all([
    load(new URL(`patient_app/messages/${base}.json`, files)),
    load(new URL(`diary/wording/${base}.json`, files)),
  ]);
  now = known === PSEUDO ? { code: known, messages: pseudo(messages), wording: pseudo(wording) } : { code: known, messages, wording };
  root.lang = known;
  root.dir = known === PSEUDO ? "rtl" : "ltr";
  document.title = t("app.title");
}

async function load(address) {
  if (!loaded.has(address.href)) {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    loaded.set(address.href, await response.json());
  }
  return loaded.get(address.href);
}

/** A sentence with its gaps filled; with `n` the form that the number takes (`key.one`, `key.other`). */
export function t(key, gaps = {}) {
  const form = "n" in gaps ? `${key}.${new Intl.PluralRules(locale()).select(gaps.n)}` : key;
  const text = now.messages[form] ?? now.messages[`${key}.other`] ?? now.messages[key];
  return fill(text ?? key, gaps);
}

export const has = (key) => key in now.messages;

const fill = (text, gaps) => text.replace(/\{(\w+)\}/g, (gap, name) => (name in gaps ? gaps[name] : gap));

// Digits stay Latin in the pseudo-language, as they are on the answers.
const locale = () => (now.code === PSEUDO ? "en-GB" : now.code === "en" ? "en-GB" : now.code);

/** The words of a question: text, help, ends and choices. */
export function wordingOf(today, key) {
  const sent = today?.questions?.[key];
  const region = sent?.region ?? key.split(".")[0];
  const own = now.wording.questions?.[key] ?? now.wording.questions?.[`other.${sent?.kind}`] ?? {};
  const words = today?.language === now.code && sent?.wording ? sent.wording : own;
  const gaps = {
    area: today?.trial?.target_area ?? "",
    goal: today?.trial?.goal ?? "",
    region: now.wording.regions?.[region] ?? region.replaceAll("_", " "),
  };
  return { ...words, text: fill(words.text ?? key, gaps), help: fill(words.help ?? "", gaps) };
}

export const consentText = () => now.wording.consent;
export const safetyText = () => now.wording.safety;

const written = (options, date) => new Intl.DateTimeFormat(locale(), options).format(date);

/** "2026-10-11" written out: "Sunday 11 October". */
export const dayOut = (day) =>
  written({ weekday: "long", day: "numeric", month: "long", timeZone: "UTC" }, new Date(`${day}T12:00:00Z`));

/** The clock of a wall text: "18:00", and "midnight" for the end of a day. */
export const clockOut = (wall) =>
  wall.endsWith("T00:00")
    ? t("time.midnight")
    : written({ hour: "numeric", minute: "2-digit", timeZone: "UTC" }, new Date(`${wall}:00Z`));

/** When something happened: the clock, with the day in front when it was another one. */
export function instantOut(instant) {
  const date = new Date(instant);
  const isToday = date.toDateString() === new Date().toDateString();
  return written({ ...(!isToday && { day: "numeric", month: "long" }), hour: "numeric", minute: "2-digit" }, date);
}
