import { describe, expect, it } from 'vitest';
import { asksForNothing } from './heartbeat-file.js';
import { readReply } from './reply.js';

const long = 'x'.repeat(301);

describe('an answer to a heartbeat', () => {
  it.each([
    ['HEARTBEAT_OK', { kind: 'ack' }],
    [' HEARTBEAT_OK.\n', { kind: 'ack' }],
    ['**HEARTBEAT_OK**', { kind: 'ack' }],
    ['<b>HEARTBEAT_OK</b>', { kind: 'ack' }],
    ['`HEARTBEAT_OK` - all quiet', { kind: 'ack' }],
    ['All quiet. HEARTBEAT_OK', { kind: 'ack' }],
    ['HEARTBEAT_OK all quiet HEARTBEAT_OK', { kind: 'ack' }],
    [`HEARTBEAT_OK ${'y'.repeat(300)}`, { kind: 'ack' }],
    [`HEARTBEAT_OK ${long}`, { kind: 'alert', text: long }],
    [`${long} HEARTBEAT_OK`, { kind: 'alert', text: long }],
    ['', { kind: 'empty' }],
    ['NO_REPLY', { kind: 'empty' }],
    ['The disk is full.', { kind: 'alert', text: 'The disk is full.' }],
    ['I answer HEARTBEAT_OK when all is well.', { kind: 'alert', text: 'I answer HEARTBEAT_OK when all is well.' }],
    ['HEARTBEAT_OKAY', { kind: 'alert', text: 'HEARTBEAT_OKAY' }],
    ['MY_HEARTBEAT_OK', { kind: 'alert', text: 'MY_HEARTBEAT_OK' }],
  ])('%j', (text, expected) => {
    expect(readReply(text, 300)).toEqual(expected);
  });

  it('is cut by the limit of the config', () => {
    expect(readReply('HEARTBEAT_OK fine', 3)).toEqual({ kind: 'alert', text: 'fine' });
    expect(readReply('HEARTBEAT_OK', 0)).toEqual({ kind: 'ack' });
  });

  it('is read in no time, whatever a model writes', () => {
    const startedAt = performance.now();
    for (const text of ['*'.repeat(50_000), `${'<b>'.repeat(20_000)}x`, ' ,'.repeat(50_000), '&nbsp;'.repeat(9000)]) {
      expect(readReply(`a${text}b`, 300).kind).toBe('alert');
    }
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

describe('HEARTBEAT.md', () => {
  it.each([
    ['', true],
    ['\n \n', true],
    ['# Checks\n## More\n', true],
    ['# Checks\n\n<!-- one line per thing\nsecond line -->\n', true],
    ['- \n* [ ]\n', true],
    ['#no heading', false],
    ['# Checks\n- look at the mail', false],
    ['- [ ] look at the mail', false],
    ['<!-- a --> do it', false],
  ])('%j asks for nothing: %s', (text, expected) => {
    expect(asksForNothing(text)).toBe(expected);
  });
});
