// Every screen by its name. `needs` says what must be there: without it the app shows what is missing instead.

import { changeScreen } from "./change.js";
import { consentScreen, withdrawScreen } from "./consent.js";
import { correctOneScreen, correctScreen } from "./correct.js";
import { flagsScreen } from "./flags.js";
import { homeScreen } from "./home.js";
import { joinScreen } from "./join.js";
import { menuScreen } from "./menu.js";
import { noteScreen } from "./note.js";
import { questionScreen } from "./question.js";
import { refusedScreen } from "./refused.js";
import { reviewScreen } from "./review.js";
import { savedScreen, sentScreen } from "./saved.js";
import { leaveScreen, settingsScreen } from "./settings.js";
import { storageScreen } from "./storage.js";

homeScreen.isLive = true;

export const SCREENS = {
  change: changeScreen,
  consent: consentScreen,
  correct: correctScreen,
  correctOne: correctOneScreen,
  flags: flagsScreen,
  home: homeScreen,
  join: joinScreen,
  leave: leaveScreen,
  menu: menuScreen,
  note: noteScreen,
  question: questionScreen,
  refused: refusedScreen,
  review: reviewScreen,
  saved: savedScreen,
  sent: sentScreen,
  settings: settingsScreen,
  storage: storageScreen,
  withdraw: withdrawScreen,
};

/** Screens that a phone without a place in a trial may show. */
export const WITHOUT_SESSION = new Set(["join", "storage"]);

/** Screens that need the patient's agreement. Warning signs do not: help is for everyone. */
export const WITH_CONSENT = new Set(["question", "review", "note", "change", "correct", "correctOne"]);
