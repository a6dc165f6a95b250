// Sorts, filters and shortens the table of layers. Without it the table stands whole, in the model's order.
(() => {
  'use strict';
  const SHORT = 25;
  const table = document.querySelector('table.layers');
  if (!table) return;
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  const make = (name, properties) => Object.assign(document.createElement(name), properties);

  const order = (row, column) => {
    const value = row.cells[column].dataset.order;
    return value === undefined ? NaN : Number(value);
  };

  // Layers that have no number in this column stand at the end, whichever way it is sorted.
  function sort(column, direction) {
    const sign = direction === 'ascending' ? 1 : -1;
    rows.sort((a, b) => {
      const x = order(a, column);
      const y = order(b, column);
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
      return sign * (x - y) || order(a, 0) - order(b, 0);
    });
    body.append(...rows);
    heads.forEach((head, i) => (i === column ? head.setAttribute('aria-sort', direction) : head.removeAttribute('aria-sort')));
    choice.value = String(column);
    show();
  }

  function show() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const row of rows) {
      const text = row.cells[0].textContent.toLowerCase() + ' ' + row.cells[1].textContent.toLowerCase();
      const fits = words.every((word) => text.includes(word));
      row.classList.toggle('hidden', !fits);
      row.classList.toggle('beyond', fits && found >= SHORT);
      if (fits) found++;
    }
    const short = table.classList.contains('short');
    all.hidden = !short || found <= SHORT;
    all.textContent = `Show all ${found} layers`;
    count.textContent = found === rows.length ? `${found} ${found === 1 ? 'layer' : 'layers'}` : `${found} of ${rows.length} layers`;
  }

  const filter = make('input', { type: 'search', placeholder: 'name, operator or format', autocomplete: 'off' });
  const choice = make('select', {});
  const count = make('span', { className: 'count' });
  count.setAttribute('role', 'status');
  const all = make('button', { type: 'button', className: 'all' });

  heads.forEach((head, column) => {
    const title = head.textContent;
    choice.append(make('option', { value: String(column), textContent: title }));
    const button = make('button', { type: 'button', textContent: title });
    button.addEventListener('click', () => {
      sort(column, head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending');
    });
    head.replaceChildren(button);
  });
  filter.addEventListener('input', show);
  choice.addEventListener('change', () => sort(Number(choice.value), 'ascending'));
  all.addEventListener('click', () => {
    table.classList.remove('short');
    show();
  });

  const labelled = (text, control, className) => {
    const label = make('label', { className, textContent: text + ' ' });
    label.append(control);
    return label;
  };
  const controls = document.querySelector('.controls');
  controls.append(labelled('Filter', filter, ''), labelled('Sort by', choice, 'sort'), count);
  table.after(all);
  table.classList.add('short');
  const last = heads.length - 1;
  sort(rows.some((row) => !Number.isNaN(order(row, last))) ? last : 0, 'ascending');
})();
