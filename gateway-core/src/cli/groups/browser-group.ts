// `openclaw browser …`
import type { Command } from 'commander';
import type { BrowserCommands } from '../commands/browser.js';
import { type ProgramBuilder, timeout, whole, withTarget } from '../program-builder.js';

/** A browser that starts on a busy computer takes its time. */
const TIMEOUT_MS = 60_000;

export function addBrowser(program: Command, builder: ProgramBuilder): void {
  const browser = program.command('browser').description('the web browser that agents drive');
  const verb = (usage: string, sentence: string): Command =>
    timeout(withTarget(browser.command(usage).description(sentence).option('--json', 'print JSON')), TIMEOUT_MS).option(
      '--browser-profile <name>',
      'which browser profile',
    );
  const onTab = (usage: string, sentence: string): Command =>
    verb(usage, sentence).option('--target-id <id>', 'which tab; the last used unless you name one');
  const runs = (command: Command, name: keyof BrowserCommands): Command =>
    builder.runs(command, async () => ({ run: (await import('../commands/browser.js')).BROWSER_COMMANDS[name] }));

  runs(verb('status', 'show a profile and its browser'), 'status');
  runs(verb('start', 'start the browser'), 'start');
  runs(verb('stop', 'stop the browser'), 'stop');
  runs(verb('profiles', 'list browser profiles'), 'profiles');
  runs(verb('tabs', 'list open tabs'), 'tabs');
  runs(verb('open <url>', 'open a page in a new tab'), 'open');
  runs(onTab('navigate <url>', 'open a page in a tab; also back, forward, reload'), 'navigate');
  const snapshot = onTab('snapshot', 'show a page as text, with refs for click and type');
  runs(snapshot.option('--max-chars <n>', 'how much of it', whole(1)), 'snapshot');
  const screenshot = onTab('screenshot', 'save a picture of a page').option('--out <file>', 'where to save it');
  runs(screenshot.option('--full-page', 'all of it').option('--ref <ref>', 'only this element'), 'screenshot');
  runs(onTab('pdf', 'save a page as PDF').option('--out <file>', 'where to save it'), 'pdf');
  runs(onTab('click <ref>', 'click an element').option('--double', 'twice'), 'click');
  runs(onTab('type <ref> <text>', 'write into a field').option('--submit', 'then press Enter'), 'type');
  runs(onTab('press <key>', 'press a key'), 'press');
  runs(verb('close [targetId]', 'close a tab; the last used unless you name one'), 'close');
}
