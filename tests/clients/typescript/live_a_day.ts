/**
 * Lives one patient day with types generated from openapi.yaml; prints what it saw as JSON.
 *
 *     node built/live_a_day.js URL CODE ZONE
 */

import { randomUUID } from "node:crypto";
import process from "node:process";

import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./api.js";

type Schemas = components["schemas"];
type Phone = Client<paths>;
type Seen = Record<string, unknown>;
interface Reply<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

const TARGET = "target.average";
const AMENDED = 4;

/** An answer that the form allows; any would do. */
const ANSWERS: Record<Schemas["FormOut"]["type"], (form: Schemas["FormOut"]) => unknown> = {
  number: (form) => form.minimum,
  choice: (form) => form.choices?.[0],
  choices: () => [],
  text: () => "A quiet day.",
};

/** What the client saw, by step. */
class Day {
  readonly statuses: Record<string, number> = {};
  readonly seen: Seen = { statuses: this.statuses };

  constructor(readonly zone: string) {}

  note<Data>(step: string, reply: Reply<Data>): Reply<Data> {
    this.statuses[step] = reply.response.status;
    return reply;
  }

  /** The answer's data; the day is over without it. */
  take<Data>(step: string, reply: Reply<Data>): Data {
    this.note(step, reply);
    if (reply.data === undefined) {
      throw new Error(`${step}: ${reply.response.status} ${JSON.stringify(reply.error)}`);
    }
    return reply.data;
  }

  moment(): { captured_at: string; zone: string } {
    return { captured_at: now(this.zone), zone: this.zone };
  }

  entry(value: number, more: { region?: string; supersedes?: string } = {}): Schemas["EntryBody"] {
    return {
      ...this.moment(),
      region: "target",
      kind: "average",
      value,
      instrument_version: "nrs-average-24h/1",
      ...more,
    };
  }

  answer(
    question: Schemas["AnswerBody"]["question"],
    version: string,
    answer: Schemas["AnswerBody"]["answer"],
  ): Schemas["AnswerBody"] {
    return { ...this.moment(), question, instrument_version: version, answer };
  }
}

/** RFC 3339 with the offset that the zone has now. */
function now(zone: string): string {
  const at = new Date();
  const format = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
  const name = format.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
  const offset = name.replace("GMT", "") || "+00:00";
  const [hours = 0, minutes = 0] = offset.slice(1).split(":").map(Number);
  const ahead = (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
  return new Date(at.getTime() + ahead * 60_000).toISOString().slice(0, 19) + offset;
}

async function join(day: Day, baseUrl: string, code: string): Promise<Phone> {
  const anybody = createClient<paths>({ baseUrl });
  const body = { code, label: "TypeScript", attempt: randomUUID(), language: "en", zone: day.zone };
  day.take("pair", await anybody.POST("/api/v1/pairing", { body }));
  const again = await anybody.POST("/api/v1/pairing", { body });
  const { token } = day.take("pair again, as if the reply was lost", again);
  const phone = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
  day.note(
    "consent",
    await phone.PUT("/api/v1/consent/{consent_id}", {
      params: { path: { consent_id: randomUUID() } },
      body: { decision: "given", version: "diary-consent/1", language: "en", ...day.moment() },
    }),
  );
  return phone;
}

function windowOf(today: Schemas["TodayOut"]): Schemas["WindowOut"] {
  const window = today.days.find((one) => one.diary_day === today.diary_day)?.windows[0];
  if (!window) throw new Error("today has no window");
  return window;
}

async function readTheDay(day: Day, phone: Phone): Promise<Schemas["TodayOut"]> {
  const query = { zone: day.zone };
  const reply = await phone.GET("/api/v1/diary/today", { params: { query } });
  const today = day.take("today", reply);
  const header = { "If-None-Match": reply.response.headers.get("ETag") ?? "" };
  day.note("today, unchanged", await phone.GET("/api/v1/diary/today", { params: { query, header } }));
  day.seen["asked"] = windowOf(today).asks;
  return today;
}

async function putEntry(phone: Phone, entry_id: string, body: Schemas["EntryBody"]) {
  return phone.PUT("/api/v1/diary/entries/{entry_id}", { params: { path: { entry_id } }, body });
}

async function putAnswer(phone: Phone, body: Schemas["AnswerBody"]) {
  const path = { answer_id: randomUUID() };
  return phone.PUT("/api/v1/diary/answers/{answer_id}", { params: { path }, body });
}

async function sayThePain(day: Day, phone: Phone): Promise<Schemas["BatchEntry"]> {
  const first = randomUUID();
  const body = day.entry(6);
  const sent = day.take("target pain", await putEntry(phone, first, body));
  const twice = day.take("target pain, sent twice", await putEntry(phone, first, body));
  const amended = { id: randomUUID(), ...day.entry(AMENDED, { supersedes: first }) };
  const { id, ...better } = amended;
  day.note("target pain, amended", await putEntry(phone, id, better));
  day.note("target pain, for a slot that is taken", await putEntry(phone, randomUUID(), day.entry(5)));
  day.seen["first"] = first;
  day.seen["amended value"] = AMENDED;
  day.seen["replay is the same"] = JSON.stringify(sent) === JSON.stringify(twice);
  return amended;
}

async function sayTooMuch(day: Day, phone: Phone): Promise<void> {
  const reply = await putEntry(phone, randomUUID(), day.entry(11));
  day.note("off the scale", reply);
  const error = reply.error?.errors[0];
  day.seen["refusal"] = { code: reply.error?.code, pointer: error?.pointer, error: error?.code };
}

async function answerTheRest(day: Day, phone: Phone, today: Schemas["TodayOut"]): Promise<void> {
  for (const key of windowOf(today).asks) {
    const question = today.questions[key];
    if (key === TARGET || !question) continue;
    const { region, form } = question;
    if (region) {
      day.note(key, await putEntry(phone, randomUUID(), day.entry(2, { region })));
    } else {
      const code = question.question as Schemas["AnswerBody"]["question"];
      const answer = { [form.type]: ANSWERS[form.type](form) };
      day.note(key, await putAnswer(phone, day.answer(code, question.instrument_version, answer)));
    }
  }
}

async function sendABacklog(day: Day, phone: Phone, amended: Schemas["BatchEntry"]): Promise<void> {
  const note = { id: randomUUID(), ...day.answer("note", "note/1", { text: "A quiet day." }) };
  const body = { entries: [amended], answers: [note] };
  const { results } = day.take("batch", await phone.POST("/api/v1/diary/entries/batch", { body }));
  day.seen["batch statuses"] = results.map((result) => result.status);
}

async function nameARedFlag(day: Day, phone: Phone): Promise<void> {
  const body = day.answer("red_flags", "red-flags/1", { choices: ["fever"] });
  day.seen["safety"] = day.take("red flag", await putAnswer(phone, body)).safety;
}

async function askForACorrection(day: Day, phone: Phone, entry: string): Promise<void> {
  day.note(
    "correction",
    await phone.PUT("/api/v1/diary/corrections/{correction_id}", {
      params: { path: { correction_id: randomUUID() } },
      body: { entry, reason: "wrong_number", text: "I meant 3.", proposed_value: 3, ...day.moment() },
    }),
  );
  day.note("corrections", await phone.GET("/api/v1/diary/corrections"));
  day.seen["corrected"] = entry;
}

async function readBack(day: Day, phone: Phone, entry_id: string): Promise<void> {
  const path = { entry_id };
  day.take("entry, read back", await phone.GET("/api/v1/diary/entries/{entry_id}", { params: { path } }));
  const whole = day.take("entries", await phone.GET("/api/v1/diary/entries"));
  let pages = 0;
  let cursor: string | null | undefined;
  do {
    const query = cursor ? { limit: 1, cursor } : { limit: 1 };
    const page = day.take("entries", await phone.GET("/api/v1/diary/entries", { params: { query } }));
    cursor = page.next && new URL(page.next).searchParams.get("cursor");
    pages += 1;
  } while (cursor);
  day.seen["pages"] = pages;
  day.seen["entries received"] = whole.results.length;
  const query = { zone: day.zone };
  const today = day.take("today", await phone.GET("/api/v1/diary/today", { params: { query } }));
  day.seen["answered after the day"] = Object.keys(windowOf(today).answered).sort();
}

async function changeSettings(day: Day, phone: Phone): Promise<void> {
  const reply = await phone.GET("/api/v1/device");
  day.take("device", reply);
  const header = { "If-Match": reply.response.headers.get("ETag") ?? "" };
  const reminders = { push: false, email: true, sms: false };
  const body = { label: "TypeScript", language: "de", zone: day.zone, reminders };
  day.note("device, without If-Match", await phone.PUT("/api/v1/device", { body }));
  const changed = await phone.PUT("/api/v1/device", { params: { header }, body });
  day.seen["language"] = day.take("device, changed", changed).language;
  day.note("device, with an old ETag", await phone.PUT("/api/v1/device", { params: { header }, body }));
}

async function leave(day: Day, phone: Phone): Promise<void> {
  day.note("leave", await phone.DELETE("/api/v1/device"));
  day.note("today, after leaving", await phone.GET("/api/v1/diary/today"));
}

async function main(url: string, code: string, zone: string): Promise<void> {
  const day = new Day(zone);
  const phone = await join(day, url, code);
  const today = await readTheDay(day, phone);
  const amended = await sayThePain(day, phone);
  await sayTooMuch(day, phone);
  await answerTheRest(day, phone, today);
  await sendABacklog(day, phone, amended);
  await nameARedFlag(day, phone);
  await askForACorrection(day, phone, amended.id);
  await readBack(day, phone, amended.id);
  await changeSettings(day, phone);
  await leave(day, phone);
  console.log(JSON.stringify(day.seen));
}

const [url, code, zone] = process.argv.slice(2);
if (!url || !code || !zone) throw new Error("usage: node built/live_a_day.js URL CODE ZONE");
await main(url, code, zone);
