// Pure: what a message to the offline assistant wants.

export type Intent =
  | { kind: 'command'; name: string; rest: string }
  | { kind: 'greeting' }
  | { kind: 'thanks' }
  | { kind: 'about' }
  | { kind: 'question'; text: string }
  | { kind: 'empty' };

const GREETING =
  /^(hi|hiya|hello|hey|howdy|yo|good (morning|afternoon|evening|day)|hallo|moin|salut|bonjour|hola|ciao)( there| all| everyone| assistant)?$/;
const THANKS = /^(thanks|thank you|thx|cheers|ta|great|cool|ok|okay)( (a lot|so much|very much|you))?$/;
const ABOUT = /^(who|what) are you$|^what can (you|i) (do|ask)( you)?( here)?$|^help( me)?$/;

/** Reads a message. Case and punctuation do not matter for small talk. */
export function readIntent(message: string): Intent {
  const text = message.trim();
  if (text === '') return { kind: 'empty' };
  const command = /^\/([a-z][\w-]*)(?:\s+([\s\S]*))?$/i.exec(text);
  if (command) return { kind: 'command', name: (command[1] ?? '').toLowerCase(), rest: (command[2] ?? '').trim() };
  const bare = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  if (GREETING.test(bare)) return { kind: 'greeting' };
  if (THANKS.test(bare)) return { kind: 'thanks' };
  if (ABOUT.test(bare)) return { kind: 'about' };
  return { kind: 'question', text };
}
