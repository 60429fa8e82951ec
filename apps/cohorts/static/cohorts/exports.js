// Follows files in the making: reads this very page again and takes over its changing parts.
"use strict";

const EVERY_MS = 3000;

async function follow() {
  const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
  // Signed out meanwhile: the next click shows the way in.
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["tally", "jobs", "report-jobs"]) {
    const [now, next] = [document.getElementById(id), page.getElementById(id)];
    // Nothing is touched that has not changed: what is focused stays so, and nothing is announced.
    if (next && now && now.innerHTML !== next.innerHTML && !now.contains(document.activeElement)) {
      now.innerHTML = next.innerHTML;
    }
  }
  wait(page.getElementById("tally"));
}

function wait(tally) {
  if (tally && tally.dataset.live !== "0") setTimeout(() => follow().catch(() => wait(tally)), EVERY_MS);
}

wait(document.getElementById("tally"));
