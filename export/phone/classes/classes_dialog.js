// What the app knows: a button on the start screen, examples to tap, and the
// dialog with all classes.

import { Problem } from '../kerasfg/problem.js';
import { connectDialog, openDialog } from '../ui/dialogs.js';
import { countText, textFor } from '../ui/format_text.js';
import {
  exampleButton,
  makeClassList,
  matching,
  sortedLabels,
} from './class_list.js';
import { factsOf } from './known_classes.js';

const MANY = 8; // classes: of more one wants to search
const SAMPLES = 4; // examples on the start screen

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{model: () => object|null, showPicture: (file: File) => void,
 *   onProblem: (error: Error) => void, hasExamples: boolean}} page the model in
 *   use, and what shows a picture or a problem
 * @returns {{update: () => void}} call it when there is another model, or
 *   another language
 */
export function connectClassesDialog(find, page) {
  const { model, showPicture, onProblem, hasExamples } = page;
  const dialog = find('classes');
  let labels = [];

  const tryExample = async (label) => {
    dialog.close();
    find('models').close();
    const path = factsOf(model(), label).example;
    try {
      const response = await fetch(path);
      if (!response.ok) throw new Problem('missingPart', { path });
      const picture = await response.blob();
      showPicture(new File([picture], path.split('/').at(-1)));
    } catch {
      onProblem(new Problem('missingPart', { path }));
    }
  };

  const list = makeClassList(find('class-list'), tryExample);

  const showMatching = () => {
    const found = matching(labels, find('class-search').value);
    list.show(model(), found);
    find('class-hint').hidden = !withExamples(model(), found).length;
    const count = countText(found.length);
    const all = countText(labels.length);
    const key = found.length < labels.length ? 'foundClasses' : 'knows';
    find('class-count').textContent =
      found.length === 0 ? textFor('noClass') : textFor(key, { count, all });
  };

  const fill = async () => {
    if (!model()) return false;
    labels = sortedLabels(model());
    find('class-search').value = '';
    find('class-search').placeholder = textFor('searchClasses');
    find('class-search-row').hidden = labels.length <= MANY;
    showMatching();
    dialog.scrollTop = 0;
    return true;
  };

  connectDialog(find('open-classes'), dialog, fill);
  find('models-classes').addEventListener('click', async () => {
    if (await fill()) openDialog(dialog);
  });
  find('class-search').addEventListener('input', showMatching);
  find('samples').hidden = !hasExamples; // its room is kept from the start on

  const update = () => {
    const shown = model();
    const count = countText(shown?.labels.length ?? 0);
    const key = shown ? 'knows' : 'loadingModel';
    find('open-classes').textContent = textFor(key, { count });
    for (const id of ['open-classes', 'models-classes']) {
      find(id).disabled = !shown;
    }
    const samples = shown ? spread(withExamples(shown, shown.labels)) : [];
    find('sample-list').replaceChildren(
      ...samples.map((label) => exampleButton(shown, label, tryExample)),
    );
  };
  update();
  return { update };
}

function withExamples(model, labels) {
  return labels.filter((label) => factsOf(model, label).example);
}

/** A few, from all over the list. */
function spread(labels) {
  const count = Math.min(SAMPLES, labels.length);
  const step = labels.length / count;
  return Array.from({ length: count }, (_, i) => labels[Math.floor(i * step)]);
}
