// One call of the API. What comes back is the service's own answer or nothing: a hotel's login page is no answer.

import { measure, phoneNow } from "./clock.js";

const BASE = "/api/v1/";
const PATIENCE = 20_000;

/** No answer of the service: no network, too slow, or somebody else's page. The call may have been heard. */
export class Unreachable extends Error {}

/**
 * @param {string} method
 * @param {string} path below /api/v1/
 * @param {{ token?: string, body?: object, headers?: Record<string, string> }} [options]
 * @returns {Promise<{ status: number, body: any, etag: string | null, retryAfter: number, clock: any }>}
 */
export async function call(method, path, { token, body, headers = {} } = {}) {
  const sent = phoneNow();
  const response = await reach(path, {
    method,
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    keepalive: body !== undefined,
    signal: AbortSignal.timeout(PATIENCE),
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body && { "Content-Type": "application/json" }),
      ...headers,
    },
    body: body && JSON.stringify(body),
  });
  const clock = measure(response.headers.get("Date"), sent, phoneNow());
  return {
    status: response.status,
    body: await read(response),
    etag: response.headers.get("ETag"),
    retryAfter: Number(response.headers.get("Retry-After")) || 0,
    clock,
  };
}

async function reach(path, options) {
  try {
    return await fetch(BASE + path, options);
  } catch (error) {
    throw new Unreachable(error.message);
  }
}

async function read(response) {
  if (response.status === 204 || response.status === 304) return null;
  const kind = response.headers.get("Content-Type") ?? "";
  if (!/^application\/(problem\+)?json\b/.test(kind)) {
    if (response.status >= 500) return null;
    throw new Unreachable(`not an answer of the service: ${kind}`);
  }
  try {
    return await response.json();
  } catch (error) {
    throw new Unreachable(error.message);
  }
}

/** The first code of a refusal: of the field, if it names one. */
export const codeOf = (problem) => problem?.errors?.[0]?.code ?? problem?.code ?? "unknown";
