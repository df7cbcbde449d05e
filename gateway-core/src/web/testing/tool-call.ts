// What a call of a tool is given, and the text of its result, for the tests of this room.
import type { ToolContext, ToolResult } from '../../tools/index.js';

export const SCOPE = {
  agentId: 'main',
  sessionKey: 'agent:main:main',
  sessionId: 's1',
  runId: 'r1',
  workspaceDir: '/nowhere',
  isMain: true,
  subagentDepth: 0,
};

export function callContext(signal: AbortSignal = new AbortController().signal): ToolContext {
  const workplace = () => Promise.reject(new Error('these tools need no workplace'));
  return { ...SCOPE, toolCallId: 'c1', signal, onUpdate: () => undefined, workplace };
}

/** Text parts of a result in one. */
export function resultText({ content }: ToolResult): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}
