// Pure: the pieces of an answer in the order in which they stand on screen.
import { type AnswerPart, type AnswerRow, isActive, type ToolStep } from '../rows.js';
import type { ReasoningShown } from './answer-settings.js';

export type Segment =
  | { kind: 'text'; text: string }
  | { kind: 'thinking'; text: string; isLive: boolean; isOpen: boolean }
  | { kind: 'tools'; tools: ToolStep[] };

/** Stored parts, then what is still streaming, in the place where it will be once it is stored. */
function partsOf(row: AnswerRow): AnswerPart[] {
  const thinking: AnswerPart[] = row.liveThinking === '' ? [] : [{ kind: 'thinking', text: row.liveThinking }];
  const text: AnswerPart[] = row.liveText === '' ? [] : [{ kind: 'text', text: row.liveText }];
  return [...row.parts, ...thinking, ...text];
}

function thoughtsOf(parts: readonly AnswerPart[]): string {
  return parts.flatMap((part) => (part.kind === 'thinking' ? [part.text] : [])).join('\n\n');
}

/**
 * Tool steps in a row are put together; thoughts stand where `shown` wants them. Nothing on screen is built anew when
 * a streamed text becomes a stored one.
 */
export function segmentsOf(row: AnswerRow, shown: ReasoningShown): Segment[] {
  const parts = partsOf(row);
  const isInPlace = shown === 'usual' || shown === 'stream';
  const segments = parts.reduce<Segment[]>((list, part, at) => {
    if (part.kind === 'thinking') {
      const isLive = isActive(row) && row.liveThinking !== '' && at === parts.length - 1;
      const isOpen = isLive && shown === 'stream';
      return isInPlace ? [...list, { kind: 'thinking', text: part.text, isLive, isOpen }] : list;
    }
    if (part.kind === 'text') return [...list, part];
    const last = list.at(-1);
    if (last?.kind === 'tools') return [...list.slice(0, -1), { kind: 'tools', tools: [...last.tools, part.tool] }];
    return [...list, { kind: 'tools', tools: [part.tool] }];
  }, []);
  const thoughts = shown === 'on' && !isActive(row) ? thoughtsOf(parts) : '';
  return thoughts === '' ? segments : [...segments, { kind: 'thinking', text: thoughts, isLive: false, isOpen: false }];
}
