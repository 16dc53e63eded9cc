import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { axeFinds } from '../support/axe.ts';
import { eventually, type Harness, lit, openHarness, viewerFrame } from './harness.ts';
import type { Way } from './host.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await openHarness();
}, 60_000);

const WAYS: readonly Way[] = ['viewer', 'stately', 'xstate'];

/** A flow under inspection, and what both sides of it say. */
async function inspected(way: Way) {
  const { page, requests, problems } = await harness.open();
  await page.evaluate((chosen) => window.host.start(chosen), way);
  const frame = await viewerFrame(page);
  await frame.waitForSelector('.state.active');
  return {
    page,
    frame,
    requests,
    problems,
    /** Waits until the viewer lights what the actor is in, and fails where it never does. */
    async agrees(state: string): Promise<void> {
      await page.waitForFunction((wanted) => window.host.state() === wanted, state);
      await eventually(() => lit(frame)).toEqual(await page.evaluate(() => window.host.active()));
    },
  };
}

describe.each(WAYS)('by way of %s', (way) => {
  it('lights what the actor is in after every step, on the way of an SMS', async () => {
    const { page, agrees, requests, problems } = await inspected(way);
    await agrees('"needs_second_factor"');
    await page.evaluate(() => window.host.prepare('phone_code'));
    await agrees('"prepared"');
    expect(await page.evaluate(() => window.host.attempt('phone_code', '000000'))).toBe(
      'code_incorrect',
    );
    await agrees('{"failed":"code_rejected"}');
    await page.evaluate(() => window.host.attempt('phone_code', window.host.code()));
    await agrees('"complete"');
    expect(requests.filter((url) => !url.startsWith(harness.origin))).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('lights what the actor is in with TOTP and a lost reply', async () => {
    const { page, agrees } = await inspected(way);
    await page.evaluate(() => {
      window.host.sandbox.faults.next('attempt', { dropReply: true });
      window.host.sandbox.faults.next('reload', { delayMs: 400 });
      void window.host.attempt('totp', window.host.totp());
    });
    await agrees('{"attempting":"reconciling"}');
    await page.evaluate(() => window.host.clock.increment(400));
    await agrees('"complete"');
  });

  it('drives the actor by a click in the chart', async () => {
    const { page, frame, agrees } = await inspected(way);
    await frame.getByRole('button', { name: 'SELECT phone_code/idn_phone_1' }).click();
    await frame.locator('[data-now="accepted"]', { hasText: 'PREPARE' }).first().click();
    await agrees('"prepared"');
    await frame.locator('.row[data-now="needs_data"]', { hasText: 'ATTEMPT' }).click();
    await frame
      .locator('#composer input[name="code"]')
      .fill(await page.evaluate(() => window.host.code()));
    await frame.getByRole('button', { name: 'Send ATTEMPT' }).click();
    await agrees('"complete"');
  });

  it('sends no placeholder in place of a code', async () => {
    const { page, frame, agrees } = await inspected(way);
    const state = await page.evaluate(() => window.host.state());
    await frame.getByRole('button', { name: 'ATTEMPT' }).first().click();
    const field = frame.locator('#composer input[name="code"]');
    expect(await field.inputValue()).toBe('');
    await frame.getByRole('button', { name: 'Send ATTEMPT' }).click();
    await eventually(() => frame.locator('#log').innerText()).toContain('ATTEMPT refused');
    await agrees(state);
    expect(await page.evaluate(() => window.host.sandbox.requests.count('attempt'))).toBe(0);
  });

  it('shows no code, token or address on its page', async () => {
    const { page, frame, agrees } = await inspected(way);
    await page.evaluate(() => window.host.prepare('phone_code'));
    const wrong = 'K1TTEN';
    await page.evaluate((code) => window.host.attempt('backup_code', code), wrong);
    const code = await page.evaluate(() => window.host.code());
    await page.evaluate(() => window.host.attempt('phone_code', window.host.code()));
    await agrees('"complete"');
    // All of the data, also that of the moments before.
    const moments = await frame.evaluate(async () => {
      const shown: string[] = [];
      for (;;) {
        const closed = document.querySelectorAll<HTMLDetailsElement>('#data details:not([open])');
        for (const details of closed) details.open = true;
        await new Promise((resolve) => setTimeout(resolve));
        if (closed.length > 0) continue;
        shown.push(document.documentElement.outerHTML);
        if (document.querySelector<HTMLInputElement>('#cursor')?.value === '0') return shown;
        document.getElementById('back')?.click();
      }
    });
    expect(moments.length).toBeGreaterThan(5);
    // At the very first there is an actor and no data yet.
    for (const shown of moments.slice(0, -1)) expect(shown).toContain('supportedSecondFactors');
    for (const shown of moments) {
      expect(shown).not.toContain(code);
      expect(shown).not.toContain(wrong);
      expect(shown).not.toMatch(/\+1\d{10}|ada@/);
    }
  });

  it('gives a viewer that comes late, or again, everything once', async () => {
    const { page, frame } = await inspected(way);
    await page.evaluate(() => window.host.prepare('phone_code'));
    await eventually(() => frame.locator('#log li').count()).toBeGreaterThan(3);
    const before = await frame.locator('#log').innerText();
    await page.evaluate(() => window.host.frame.contentWindow?.location.reload());
    await eventually(async () => (await viewerFrame(page)).locator('#log').innerText()).toBe(
      before,
    );
  });

  it('hears the inspecting window alone', async () => {
    const { page } = await inspected(way);
    await page.evaluate(() => {
      const other = document.createElement('iframe');
      document.body.append(other);
      const event = (origin: string) =>
        JSON.stringify({ name: 'CANCEL', data: { type: 'CANCEL' }, origin });
      const script = other.contentDocument?.createElement('script');
      if (!script) return;
      script.textContent = `for (let n = 0; n < 9; n++) {
        parent.postMessage({ type: 'second-factor.send', sessionId: 'x:' + n, event: { type: 'CANCEL' } }, '*');
        parent.postMessage({ type: 'xstate.event', event: ${JSON.stringify(event('x:@'))}.replace('@', n) }, '*');
      }
      parent.postMessage('the end of an attack', '*');`;
      other.contentDocument?.body.append(script);
    });
    await eventually(() => page.evaluate(() => window.host.attacks())).toBe(1);
    expect(await page.evaluate(() => window.host.state())).toBe('"needs_second_factor"');
  });

  it('does not disturb the flow when the viewer goes away', async () => {
    const { page, problems } = await inspected(way);
    await page.evaluate(() => window.host.frame.remove());
    expect(await page.evaluate(() => window.host.attempt('totp', window.host.totp()))).toBe('ok');
    expect(problems).toEqual([]);
  });

  it('does not disturb the flow when inspecting is stopped', async () => {
    const { page, frame } = await inspected(way);
    await page.evaluate(() => window.host.stopInspecting());
    expect(await page.evaluate(() => window.host.attempt('totp', window.host.totp()))).toBe('ok');
    expect(await lit(frame)).toContain('secondFactor.needs_second_factor');
  });
});

describe.each(WAYS)('a viewer of %s that can’t be had', (way) => {
  it.each(['/nowhere.html', 'http://[', 'about:blank', 'data:text/html,x'])(
    'does not disturb the flow: %s',
    async (url) => {
      const { page, problems } = await harness.open();
      await page.evaluate(([chosen, from]) => window.host.startWithNoPage(chosen, from), [
        way,
        url,
      ] as const);
      expect(await page.evaluate(() => window.host.attempt('totp', window.host.totp()))).toBe('ok');
      // It may be said, and never as an error of the page.
      expect(problems.filter((text) => /^(?:\w*Error|Uncaught)/.test(text))).toEqual([]);
    },
  );
});

describe('the viewer', () => {
  it('lays out a machine that it does not know', async () => {
    const { page, problems } = await harness.open();
    await page.evaluate(() => window.host.startOther('stately', 'toy'));
    const frame = await viewerFrame(page);
    await eventually(() => lit(frame)).toEqual(['toy', 'toy.code']);
    expect(problems).toEqual([]);
  });

  it.each(WAYS)(
    'shows a machine with parallel regions, history and children, by %s',
    async (way) => {
      const { page, problems } = await harness.open();
      await page.evaluate((chosen) => window.host.startOther(chosen, 'editor'), way);
      const frame = await viewerFrame(page);
      await frame.waitForSelector('.state.active');
      const agrees = async () => {
        const active = await page.evaluate(() => window.host.active());
        await eventually(() => lit(frame)).toEqual(active);
      };
      const events = ['TYPE', 'BOLD', 'HIDE', 'TYPE', 'TYPE', 'CLOSE', 'OPEN', 'LOSE', 'REVIEW'];
      for (const type of [...events, 'APPROVE']) {
        await page.evaluate((sent) => window.host.send(sent), type);
        await agrees();
      }
      await frame.locator('#actors').getByText('upload', { exact: true }).click();
      await eventually(() => lit(frame)).toEqual(['upload', 'upload.sending']);
      await frame.locator('.row', { hasText: 'PAUSE' }).click();
      await eventually(() => lit(frame)).toEqual(['upload', 'upload.paused']);
      expect(problems).toEqual([]);
    },
  );

  it.each(['editor', 'order', 'toy', 'none'] as const)(
    'draws no state over another, and no arrow through a text: %s',
    async (name) => {
      const { page } = await harness.open();
      await page.evaluate(
        (chosen) =>
          chosen === 'none'
            ? window.host.start('viewer')
            : window.host.startOther('viewer', chosen),
        name,
      );
      const frame = await viewerFrame(page);
      await frame.waitForSelector('.state.active');
      const { clashes, crossings, arrows } = await frame.evaluate(() => {
        const states = [...document.querySelectorAll<HTMLElement>('.state')].map((state) => ({
          state,
          box: state.getBoundingClientRect(),
        }));
        const over = (a: DOMRect, b: DOMRect) =>
          a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        const clashing = states.flatMap(({ state, box }, index) =>
          states
            .slice(index + 1)
            .filter((other) => !state.contains(other.state) && over(box, other.box))
            .map((other) => `${state.dataset.id} ${other.state.dataset.id}`),
        );
        // Where letters are: what is empty beside them is no text.
        const texts: DOMRect[] = [];
        const walker = document.createTreeWalker(
          document.querySelector('.chart') ?? document.body,
          NodeFilter.SHOW_TEXT,
        );
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          if (!node.textContent?.trim()) continue;
          const range = document.createRange();
          range.selectNodeContents(node);
          texts.push(range.getBoundingClientRect());
        }
        const paths = [...document.querySelectorAll<SVGPathElement>('.arrow')];
        const crossing = paths.filter((path) => {
          const matrix = path.getScreenCTM();
          const length = path.getTotalLength();
          for (let at = 0; at <= length; at += 2) {
            const { x, y } = path.getPointAtLength(at).matrixTransform(matrix ?? undefined);
            if (texts.some((t) => x > t.left && x < t.right && y > t.top && y < t.bottom))
              return true;
          }
          return false;
        });
        return { clashes: clashing, crossings: crossing.length, arrows: paths.length };
      });
      expect(clashes).toEqual([]);
      expect(crossings).toBe(0);
      expect(arrows).toBeGreaterThan(3);
      expect(await frame.locator('.state').count()).toBeGreaterThan(
        { editor: 15, order: 40, toy: 6, none: 14 }[name],
      );
    },
  );

  it('traces the transition that was taken', async () => {
    const { page, frame, agrees } = await inspected('viewer');
    await page.evaluate(() => window.host.prepare('phone_code'));
    await agrees('"prepared"');
    expect(await frame.locator('.row.traced').textContent()).toContain('prepared');
    expect(await frame.locator('.arrow.traced').count()).toBe(1);
  });

  it('goes back and forth in time, and takes no events there', async () => {
    const { page, frame, agrees } = await inspected('viewer');
    await page.evaluate(() => window.host.prepare('phone_code'));
    await agrees('"prepared"');
    const log = frame.locator('#log button');
    await log.last().click();
    await eventually(() => lit(frame)).toEqual([
      'secondFactor',
      'secondFactor.needs_second_factor',
    ]);
    expect(await frame.locator('#offers button').count()).toBe(0);
    await frame.locator('body').press('End');
    await eventually(() => lit(frame)).toEqual(['secondFactor', 'secondFactor.prepared']);
  });

  it('says why an event is refused, and until when', async () => {
    const { page, frame, agrees } = await inspected('viewer');
    await page.evaluate(() => window.host.prepare('phone_code'));
    await agrees('"prepared"');
    const why = /PREPARE canPrepare said no: resend:phone_code\/idn_phone_1 until \d\d:\d\d:\d\d/;
    await eventually(() => frame.locator('#refusals').innerText()).toMatch(why);
    await page.evaluate(() => window.host.attempt('phone_code', 'x'));
    await page.evaluate(() => window.host.sendToFlow({ type: 'PREPARE', at: Date.now() }));
    await eventually(() => frame.locator('#told').innerText()).toMatch(
      /^prepared refused PREPARE\. canPrepare said no: resend:phone_code\/idn_phone_1 until/,
    );
    await eventually(() => frame.locator('#log').innerText()).toContain('PREPARE refused');
  });

  it('tells a step in a sentence, and what it changed since any moment', async () => {
    const { page, frame, agrees } = await inspected('viewer');
    await page.evaluate(() => window.host.prepare('phone_code'));
    await agrees('"prepared"');
    const told = frame.locator('#told');
    await eventually(() => told.innerText()).toBe(
      'prepareSecondFactor done led from preparing to prepared, since confirmsDelivery said yes. It ran recordDelivery.',
    );
    const changes = frame.locator('#changes');
    expect(await changes.innerText()).toContain('state preparing prepared');
    expect(await changes.innerText()).toMatch(
      /context\.deliveries\.phone_code\/idn_phone_1\.confirmed – true/,
    );
    await frame.getByText('secondFactor needs_second_factor').click();
    await frame.getByRole('button', { name: 'Compare from here' }).click();
    await frame.locator('body').press('End');
    await eventually(() => changes.innerText()).toContain('state needs_second_factor prepared');
    await frame.locator('#pin').click();
    await eventually(() => changes.innerText()).toContain('state preparing prepared');
  });

  it('filters the log', async () => {
    const { page, frame, agrees } = await inspected('viewer');
    await page.evaluate(() => window.host.prepare('phone_code'));
    await agrees('"prepared"');
    const lines = frame.locator('#log li');
    await eventually(() => lines.count()).toBe(5);
    await frame.getByLabel('Filter the log').fill('prepare →');
    await eventually(() => lines.allInnerTexts()).toEqual([
      expect.stringMatching(/PREPARE → preparing$/),
    ]);
    await frame.getByLabel('Filter the log').fill('');
    await eventually(() => lines.count()).toBe(5);
  });

  it('copies the run as a test, or makes a file of it where it may not copy', async () => {
    const { page, frame, agrees } = await inspected('viewer');
    await page.evaluate(() => window.host.prepare('phone_code'));
    await agrees('"prepared"');
    await frame.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
    });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      frame.getByRole('button', { name: 'Copy as test' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.test\.ts$/);
    const text = await readFile(await download.path(), 'utf8');
    expect(text).toContain('it("goes on from prepared"');
    await frame.evaluate(() => {
      navigator.clipboard.writeText = async (copied) => {
        document.title = copied;
      };
    });
    await frame.getByRole('button', { name: 'Copy as test' }).click();
    await eventually(() => frame.locator('#status').innerText()).toContain('The test is copied');
    expect(await frame.title()).toContain('goes on from prepared');
  });

  it('is a chart of texts, which says what is active, and has a short way to send', async () => {
    const { page, frame, agrees } = await inspected('viewer');
    await page.evaluate(() => window.host.prepare('phone_code'));
    await agrees('"prepared"');
    const chart = frame.getByRole('list', { name: 'Statechart of secondFactor' });
    const active = chart.locator('[aria-current]');
    await eventually(() => active.allInnerTexts()).toEqual(['secondFactor', 'prepared']);
    expect(await chart.innerText()).toMatch(/ATTEMPT\s*\[canAttempt\]\s*→ attempting/);
    await chart.locator('.row[data-now="accepted"]', { hasText: 'SELECT' }).first().click();
    // There are several ways to send it, so people choose.
    await eventually(() => frame.evaluate(() => document.activeElement?.textContent)).toMatch(
      /^SELECT /,
    );
  });

  it('keeps the log and the active state in sight on a phone', async () => {
    const { page } = await harness.open({ width: 390, height: 844 });
    await page.evaluate(() => window.host.start('viewer'));
    const frame = await viewerFrame(page);
    await frame.waitForSelector('.state.active');
    await page.evaluate(() => window.host.prepare('phone_code'));
    const isInSight = (selector: string) =>
      frame.$$eval(selector, ([one]) => {
        const { top, bottom } = one?.getBoundingClientRect() ?? { top: -1, bottom: -1 };
        return top >= 0 && bottom <= innerHeight;
      });
    await eventually(() => isInSight('[data-id="secondFactor.prepared"].active')).toBe(true);
    await eventually(() => isInSight('#log li')).toBe(true);
    expect(await frame.evaluate(() => document.body.scrollWidth)).toBeLessThanOrEqual(390);
  });

  it('fits so that the active state can be read, in a wide pane too', async () => {
    const { page } = await harness.open({ width: 2400, height: 700 });
    await page.evaluate(() => window.host.start('viewer'));
    const frame = await viewerFrame(page);
    await frame.waitForSelector('.state.active');
    for (let count = 0; count < 6; count += 1) await frame.locator('#out').click();
    await frame.locator('#fit').click();
    const line = frame.locator('.state.active .row .detail').first();
    const { height = 0 } = (await line.boundingBox()) ?? {};
    expect(height).toBeGreaterThan(8);
    expect(await frame.locator('[data-id="secondFactor.needs_second_factor"]').isVisible()).toBe(
      true,
    );
  });

  it('counts the deadlines down', async () => {
    const { page, frame } = await inspected('viewer');
    await page.evaluate(() => window.host.prepare('phone_code'));
    const first = frame.locator('#deadlines output').first();
    await eventually(() => first.innerText()).toMatch(/^\d+ s$/);
    const shown = await first.innerText();
    await eventually(() => first.innerText()).not.toBe(shown);
  });

  it('saves a session and opens it again', async () => {
    const { page, frame, agrees } = await inspected('viewer');
    await page.evaluate(() => window.host.prepare('phone_code'));
    await agrees('"prepared"');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      frame.locator('#save').click(),
    ]);
    const path = await download.path();
    const other = await harness.newPage();
    await other.goto(`${harness.origin}/viewer/index.html`);
    await other.locator('#file').setInputFiles(path);
    await eventually(() => lit(other.mainFrame())).toEqual([
      'secondFactor',
      'secondFactor.prepared',
    ]);
    // Saved again, it is what it was.
    const [again] = await Promise.all([
      other.waitForEvent('download'),
      other.locator('#save').click(),
    ]);
    expect(await readFile(await again.path(), 'utf8')).toBe(await readFile(path, 'utf8'));
  });

  it('says what is wrong with a file, and goes on', async () => {
    const { page, frame, agrees } = await inspected('viewer');
    const status = frame.locator('#status');
    for (const [text, problem] of [
      ['{"format":"else"}', 'junk.json: This file is no recorded session.'],
      ['no JSON at all', 'junk.json: This file is not JSON.'],
      ['null', 'junk.json: This file is no recorded session.'],
      [
        '{"format":"second-factor/session","version":2,"messages":[]}',
        'junk.json: This session has version 2, and this viewer reads version 1.',
      ],
      [
        '{"format":"second-factor/session","version":1,"messages":[null,7,{"type":"x"}]}',
        'junk.json: Nothing was recorded in this session.',
      ],
    ] as const) {
      await frame.locator('#file').setInputFiles({
        name: 'junk.json',
        mimeType: 'application/json',
        buffer: Buffer.from(text),
      });
      await eventually(() => status.innerText()).toBe(problem);
    }
    // What happens meanwhile is shown, and the problem stays until somebody looks elsewhere.
    const last = await status.innerText();
    await page.evaluate(() => window.host.prepare('phone_code'));
    await agrees('"prepared"');
    expect(await status.innerText()).toBe(last);
    await frame.locator('#live').click();
    await eventually(() => status.innerText()).toContain('live');
  });

  it('reads what is recorded as text, never as markup', async () => {
    const other = await harness.newPage();
    await other.goto(`${harness.origin}/viewer/index.html`);
    const evil = '<img src=x onerror="window.pwned=1">';
    const base = { sessionId: evil, rootId: '', createdAt: '1', _version: '', id: null };
    await other.locator('#file').setInputFiles({
      name: `${evil}.json`,
      mimeType: 'application/json',
      buffer: Buffer.from(
        JSON.stringify({
          format: 'second-factor/session',
          version: 1,
          messages: [
            {
              type: '@xstate.actor',
              ...base,
              name: evil,
              chart: {
                id: evil,
                nodes: [evil, `${evil}.${evil}`].map((id, index) => ({
                  id,
                  key: evil,
                  parent: index === 0 ? null : evil,
                  type: index === 0 ? 'compound' : 'atomic',
                  tags: [evil],
                  invoke: [],
                  entry: [evil],
                  exit: [],
                })),
                transitions: [],
              },
            },
            {
              type: '@xstate.snapshot',
              ...base,
              event: { type: evil },
              snapshot: { status: 'active', value: evil, context: { [evil]: evil } },
              trace: [],
              offers: [],
            },
          ],
        }),
      ),
    });
    await eventually(() => lit(other.mainFrame())).toEqual([evil, `${evil}.${evil}`]);
    expect(await other.evaluate(() => 'pwned' in window)).toBe(false);
    expect(await other.locator('img').count()).toBe(0);
  });

  it('has nothing that axe objects to, in light and in dark', async () => {
    const { page, frame, agrees } = await inspected('viewer');
    await page.evaluate(() => window.host.prepare('phone_code'));
    await agrees('"prepared"');
    await frame.locator('#offers').getByText('ATTEMPT').click();
    expect(await axeFinds(page, { frame })).toEqual([]);
  });
});
