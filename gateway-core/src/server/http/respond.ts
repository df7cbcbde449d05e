// The plain answers of the HTTP side (spec/gateway-http.md §1).
import type { ServerResponse } from 'node:http';

const BASE_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
};

/** Set on every response, before anything else. */
export function setBaseHeaders(response: ServerResponse, strictTransportSecurity: string | false | undefined): void {
  for (const [name, value] of Object.entries(BASE_HEADERS)) response.setHeader(name, value);
  const hsts = strictTransportSecurity ? strictTransportSecurity.trim() : '';
  if (hsts !== '') response.setHeader('Strict-Transport-Security', hsts);
}

/** Ends the response with a body; Node leaves it out for HEAD. */
export function sendBody(response: ServerResponse, status: number, type: string, body: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', `${type}; charset=utf-8`);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendBody(response, status, 'application/json', JSON.stringify(value));
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  sendBody(response, status, 'text/plain', text);
}

/** True when the method is one of `allowed`; else the response is a 405. */
export function allowsMethod(
  response: ServerResponse,
  method: string | undefined,
  allowed: readonly string[],
): boolean {
  if (allowed.includes(method ?? '')) return true;
  response.setHeader('Allow', allowed.join(', '));
  sendText(response, 405, 'Method Not Allowed');
  return false;
}
