// For tests: the whole window at an address, and what the accessibility rules say about it.
import { createMemoryHistory } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import axe from 'axe-core';
import { App } from '../app/App.js';
import { createAppRouter } from '../app/routes.js';
import type { TestWindow } from './window-services.js';

export async function openPage(made: TestWindow, address: string) {
  await made.connect();
  const router = createAppRouter(createMemoryHistory({ initialEntries: [address] }));
  const view = render(<App services={made.services} router={router} />);
  return { ...view, router };
}

/** Broken rules, each with the first element that breaks it. Colours are checked from the tokens. */
export async function brokenRules(container: Element): Promise<string[]> {
  const { violations } = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
  return violations.map((rule) => `${rule.id}: ${rule.nodes[0]?.html ?? ''}`);
}
