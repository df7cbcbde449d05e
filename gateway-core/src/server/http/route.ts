// The seam for HTTP endpoints: a route claims a path and answers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Peer } from '../peer.js';

export interface HttpExchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** Path as sent, still percent-encoded, without the query. */
  pathname: string;
  query: URLSearchParams;
  peer: Peer;
  /** True when the request carries the gateway's secret as a bearer, or none is needed. */
  isAuthorized(): boolean;
}

export interface HttpRoute {
  /** An exact path, or a test. */
  path: string | ((pathname: string) => boolean);
  /** Ends the response, or returns false to let a later route try. */
  handle(exchange: HttpExchange): void | false | Promise<void | false>;
}
