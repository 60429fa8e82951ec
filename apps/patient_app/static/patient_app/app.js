// Which screen is shown, and what it is given. Screens are functions of `app`; they keep nothing themselves.

import { h, icon, ICONS } from "./dom.js";
import { refresh, syncDevice } from "./diary.js";
import { t } from "./i18n.js";
import { snapshot } from "./model.js";
import { dial } from "./page.js";
import { SCREENS, WITHOUT_SESSION, WITH_CONSENT } from "./screens/index.js";
import { flush } from "./sender.js";
import { StorageRefused } from "./store.js";
import { isInUse, unsaved } from "./typed.js";

const bar = document.getElementById("bar");
const screen = document.getElementById("screen");
const status = document.getElementById("status");

const FOCUSABLE = "a, button, input, select, textarea, [tabindex]";
/** After a finger is lifted, its click may be a moment away. */
const CLICK_COMES = 50;

export class App {
  snapshot = null;
  /** Set when a new version waits: a function that changes to it. */
  update = null;
  #at = { name: "home", params: {} };
  #leave = null;
  #isTouched = false;
  #waits = false;
  /** What the screen about the refused storage stands in front of. */
  #behind = null;
  /** What the phone's storage has refused, to be tried again. */
  #refused = [];

  constructor() {
    for (const name of ["back", "go", "redraw", "refresh", "leaving"]) this[name] = this[name].bind(this);
    addEventListener("pointerdown", () => (this.#isTouched = true), true);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => this.#released(), CLICK_COMES), true);
    addEventListener("focusout", () => setTimeout(() => this.#waits && this.redrawIfLive(), CLICK_COMES), true);
    addEventListener("popstate", (event) => this.#show(event.state?.name ?? "home", event.state?.params ?? {}));
  }

  async reload() {
    this.snapshot = await snapshot();
  }

  /** Opens a screen. Its name and params live in the history, so the phone's own Back works. */
  async go(name, params = {}, { replace = false } = {}) {
    await this.leaving();
    const entry = { name, params };
    if (replace) history.replaceState(entry, "");
    else history.pushState(entry, "");
    await this.#show(name, params);
  }

  back() {
    history.back();
  }

  async #show(name, params) {
    await this.leaving();
    await this.reload();
    this.#at = this.#allowed(name, params);
    this.#draw();
    scrollTo(0, 0);
    screen.querySelector("h1")?.focus({ preventScroll: true });
  }

  #allowed(name, params) {
    const { session, consent } = this.snapshot;
    if (!session && !WITHOUT_SESSION.has(name)) return { name: "join", params: {} };
    if (WITH_CONSENT.has(name) && consent !== "given") return { name: "consent", params: {} };
    return name in SCREENS ? { name, params } : { name: "home", params: {} };
  }

  #draw() {
    this.#behind = null;
    const drawn = SCREENS[this.#at.name](this, this.#at.params);
    // What it was about is over, saved or answered elsewhere.
    if (!drawn) this.#at = { name: "home", params: {} };
    bar.replaceChildren(...this.#bar());
    screen.replaceChildren(drawn ?? SCREENS.home(this, {}));
  }

  /** The same screen again, after a change. The focus stays where it was, and so does what is not saved. */
  redraw() {
    const before = document.activeElement;
    const place = [...document.querySelectorAll(FOCUSABLE)].indexOf(before);
    const giveBack = unsaved(screen);
    this.#draw();
    giveBack(screen);
    const after = before?.id ? document.getElementById(before.id) : document.querySelectorAll(FOCUSABLE)[place];
    if (after?.textContent === before?.textContent) after?.focus({ preventScroll: true });
  }

  /** Something was kept or sent, here or in another tab. */
  async changed(isElsewhere = false) {
    await this.reload();
    const isOut = !this.snapshot.session && !WITHOUT_SESSION.has(this.#at.name);
    if (isOut) this.#show("join", {});
    else if (isElsewhere && this.#isOver()) this.#show("home", {});
    else this.redrawIfLive();
  }

  /** Another tab has saved these answers. */
  #isOver() {
    const { run } = this.#at.params;
    return run && !this.snapshot.runs.some((one) => one.key === run);
  }

  /** Screens on which something is under way are left alone; and what is under a finger, or typed in, is what it was. */
  redrawIfLive() {
    this.#waits = this.#isTouched || isInUse(screen);
    if (!this.#waits && SCREENS[this.#at.name].isLive) this.redraw();
  }

  #released() {
    this.#isTouched = false;
    if (this.#waits) this.redrawIfLive();
  }

  async refresh() {
    await refresh();
    await this.reload();
    this.redrawIfLive();
  }

  async joined() {
    this.idle();
    await this.reload();
    await refresh();
    await this.reload();
    this.go(this.snapshot.consent === "given" ? "home" : "consent", {}, { replace: true });
    flush();
    syncDevice();
  }

  /** What must happen when the present screen is left, in whatever way. */
  onLeave(work) {
    this.#leave = work;
  }

  async leaving() {
    const work = this.#leave;
    this.#leave = null;
    if (work) await this.guarded(work);
  }

  /** Does what needs the phone's storage; when that is refused the patient is told, and may try again. */
  async guarded(work, { isAgain = false } = {}) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StorageRefused)) throw error;
      if (!isAgain) this.#refused.push(work);
      this.#behind ??= [...screen.childNodes];
      const again = () => this.guarded(() => this.#tryAgain(), { isAgain: true });
      screen.replaceChildren(SCREENS.storage(this, { again }));
      screen.querySelector("h1").focus();
    }
    return undefined;
  }

  /** All that was refused, in its order: what comes by itself must not take the place of an answer. */
  async #tryAgain() {
    for (; this.#refused.length > 0; this.#refused.shift()) await this.#refused[0]();
    await this.reload();
    if (this.#behind) screen.replaceChildren(...this.#behind);
    this.#behind = null;
  }

  say(words) {
    if (status.textContent !== words) status.replaceChildren(words);
  }

  busy(words) {
    this.say(words);
    screen.setAttribute("aria-busy", "true");
    for (const one of screen.querySelectorAll(".actions button")) one.disabled = true;
  }

  idle() {
    screen.removeAttribute("aria-busy");
    for (const one of screen.querySelectorAll(".actions button")) one.disabled = false;
  }

  /** The clinic's number and the menu, on every screen in the same place. */
  #bar() {
    const { clinic, session } = this.snapshot;
    const number = clinic?.phone;
    if (!session) return [];
    return [
      number && h("a", { class: "bar-link", href: dial(number) }, icon(ICONS.phone), h("span", null, t("bar.call"))),
      h("button", { type: "button", class: "bar-link", onclick: () => this.go("menu") }, icon(ICONS.menu), h("span", null, t("bar.menu"))),
    ].filter(Boolean);
  }
}
