// Pure: what a HOOK.md says, with every part checked and bounded.
import { asMap, asTexts, FrontMatterFault, readFrontMatter, shortLine } from '../shared/front-matter.js';
import { isEventPattern, LIFECYCLE_EVENTS } from './lifecycle-events.js';

export interface HookFile {
  name: string;
  /** One line. */
  description: string;
  /** Events, or groups of them. */
  events: string[];
  /** File of the folder that is run; the usual names are tried when absent. */
  handler?: string;
  /** Systems it runs on; empty for all. */
  os: string[];
}

const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;
const FILE = /^[A-Za-z0-9_][\w.-]{0,99}$/;
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

/** Reads a hook. Throws FrontMatterFault. */
export function parseHookFile(text: string, folderName: string): HookFile {
  const { fields } = readFrontMatter(text);
  const meta = asMap(asMap(fields.metadata).openclaw);
  const name = typeof fields.name === 'string' ? fields.name.trim() : folderName;
  if (!NAME.test(name) || FORBIDDEN.includes(name)) {
    throw new FrontMatterFault('name must be up to 64 letters, digits, dots and dashes');
  }
  const events = asTexts(meta.events ?? fields.events).map((event) => event.trim());
  const unknown = events.find((event) => !isEventPattern(event));
  if (unknown !== undefined) {
    const known = LIFECYCLE_EVENTS.join(', ');
    throw new FrontMatterFault(`there is no event "${shortLine(unknown, 60)}"; there are ${known}`);
  }
  if (events.length === 0) throw new FrontMatterFault('events are missing: when does this hook run?');
  const handler = meta.handler ?? fields.handler;
  if (handler !== undefined && (typeof handler !== 'string' || !FILE.test(handler))) {
    throw new FrontMatterFault('handler must name a file in the folder of the hook');
  }
  return {
    name,
    description: shortLine(fields.description, 300),
    events,
    ...(typeof handler === 'string' && { handler }),
    os: asTexts(meta.os).filter((system) => /^[a-z0-9]{2,20}$/.test(system)),
  };
}
