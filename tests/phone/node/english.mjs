// The page's English texts, set for the tests.

import { readFileSync } from 'node:fs';

import { setTexts } from '../../../export/phone/ui/texts.js';

const FILE = new URL('../../../export/phone/languages/en.json', import.meta.url);
export const TEXTS = JSON.parse(readFileSync(FILE, 'utf8'));
setTexts('en', TEXTS);
