// Sends events: serialised once, numbered, and only to those who may hear them (spec/gateway-protocol.md §5).
//
// Numbers: protocol 3 clients see one gateway-wide counter, so a client that may not hear an event sees a gap.
// Protocol 4 clients have a counter each that counts only what they may hear. An event dropped for a slow client
// uses up its number in both, so that the loss can be seen.
import {
  describeFaults,
  type EventName,
  type EventPayload,
  type EventSpec,
  events,
  type StateVersion,
} from '../protocol/index.js';
import type { Broadcast, BroadcastOptions } from '../shared/wire.js';
import type { Connection, Member } from './connection.js';
import { toJson } from './json-cache.js';

export interface BroadcasterOptions {
  connections: ReadonlyMap<string, Connection>;
  stateVersion: StateVersion;
  checkOutput: boolean;
}

/** A node hears some events only when they are sent to it by name. */
function mayBeSent(spec: EventSpec, member: Member): boolean {
  return (spec.forNodes === true && member.caller.role === 'node') || mayHear(spec, member);
}

function mayHear(spec: EventSpec, member: Member): boolean {
  if (spec.scope === undefined) return true;
  return member.caller.role === 'operator' && member.grants.has(spec.scope);
}

export class Broadcaster {
  readonly #options: BroadcasterOptions;
  #sequence = 0;

  constructor(options: BroadcasterOptions) {
    this.#options = options;
  }

  readonly broadcast: Broadcast = (event, payload, options = {}) => {
    const spec: EventSpec = events[event];
    if (this.#options.checkOutput) this.#check(event, payload, spec);
    if (event === 'health') this.#options.stateVersion.health += 1;
    const head = `{"type":"event","event":${JSON.stringify(event)},"payload":${toJson(payload)}`;
    if (options.connIds) this.#toChosen(`${head}}`, spec, options.connIds);
    else this.#toAll(head, spec, options);
  };

  #check<E extends EventName>(event: E, payload: EventPayload<E>, spec: EventSpec): void {
    const faults = describeFaults(spec.payload, JSON.parse(JSON.stringify(payload)));
    if (faults) throw new Error(`the payload of event ${event} does not fit its schema: ${faults}`);
  }

  #toChosen(text: string, spec: EventSpec, connIds: ReadonlySet<string>): void {
    for (const id of connIds) {
      const connection = this.#options.connections.get(id);
      if (connection?.member && mayBeSent(spec, connection.member)) this.#send(connection, text, spec);
    }
  }

  #toAll(head: string, spec: EventSpec, options: BroadcastOptions): void {
    this.#sequence += 1;
    const tail = options.withStateVersion ? `,"stateVersion":${JSON.stringify(this.#options.stateVersion)}}` : '}';
    // Encoded once for all protocol 3 clients.
    let shared: Buffer | undefined;
    for (const connection of this.#options.connections.values()) {
      const { member } = connection;
      if (!member || !mayHear(spec, member)) continue;
      connection.sequence += 1;
      if (member.caller.protocol >= 4) this.#send(connection, `${head},"seq":${connection.sequence}${tail}`, spec);
      else this.#send(connection, (shared ??= Buffer.from(`${head},"seq":${this.#sequence}${tail}`)), spec);
    }
  }

  #send(connection: Connection, frame: string | Buffer, spec: EventSpec): void {
    if (spec.droppable && connection.isFull) return;
    connection.send(frame);
  }
}
