import { describe, expect, it, onTestFinished } from 'vitest';
import { oneVisitor } from './one-visitor.ts';
import { type Visit, visit } from './visit.ts';

const here = oneVisitor();

/** Opens the demo and passes the password. */
async function arrive(query = ''): Promise<Visit> {
  await here.visitor.startAfresh(query);
  await here.visitor.signIn();
  await here.visitor.reaches('needs_second_factor');
  return here.visitor;
}

/** Opens the demo, passes the password and has a text message sent. */
async function arriveWithMessage(query = ''): Promise<Visit> {
  const arrived = await arrive(query);
  await arrived.choose('Text message to .*00$');
  await arrived.reaches('prepared');
  return arrived;
}

describe('the way to a session', () => {
  it('takes a code of the authenticator app with one request', async () => {
    const { type, world, reaches, page } = await arrive();

    await type((await world()).authenticator.code);

    await reaches('complete');
    await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
    expect(await page.locator('#session').innerText()).toMatch(/sess_1\s+.*Authenticator app/is);
    expect((await world()).requests).toMatchObject({ prepare: 0, attempt: 1, reload: 0 });
    expect((await world()).authenticator.isSpent).toBe(true);
  });

  it('takes what the devices beside it type', async () => {
    const { page, choose, reaches } = await arrive();
    await choose('Email');
    await reaches('prepared');

    await page.getByRole('button', { name: /^Type it: the code sent at/ }).click();

    await reaches('complete');
  });

  it('takes a backup code by the button', async () => {
    const { page, choose, press, reaches, world } = await arrive();
    await choose('Backup code');
    const [code = ''] = (await world()).backupCodes;
    await page.getByText('Backup codes', { exact: true }).click();

    await page.getByRole('button', { name: `Type ${code}` }).click();
    await press('Continue');

    await reaches('complete');
  });

  it('keeps the phones apart', async () => {
    const { choose, reaches, world } = await arriveWithMessage();

    await choose('Text message to .*01$');

    await reaches('prepared');
    expect((await world()).messages.map(({ to, standing }) => [to, standing])).toEqual([
      ['+15555550101', 'current'],
      ['+15555550100', 'replaced'],
    ]);
  });
});

describe('what goes wrong', () => {
  it('refuses a wrong password and says so', async () => {
    await here.visitor.startAfresh();
    const { page, press } = here.visitor;
    await page.getByLabel('Password').fill('not the password');

    await press('Continue');

    await page.getByText('Password is incorrect').waitFor();
    expect(await page.getByLabel('Password').evaluate(isFocused)).toBe(true);
  });

  it('lets a wrong code be followed by the right one', async () => {
    const { press, type, newestCode, reaches, status, code } = await arriveWithMessage();

    await press('A wrong code');
    await reaches('failed.code_rejected');
    expect(await status.textContent()).toBe('That code is not correct.');
    expect(await code.inputValue()).toBe('');
    expect(await code.evaluate(isFocused)).toBe(true);

    await type(await newestCode());
    await reaches('complete');
  });

  it('counts down to a resend, and refuses the older code after it', async () => {
    const { resend, newestCode, press, type, reaches, pass, world } =
      await arriveWithMessage('?cooldown=2');
    const older = await newestCode();
    expect(await resend.textContent()).toBe('Send a new code in 2 seconds');
    expect(await resend.isDisabled()).toBe(true);
    await pass(1_000);
    await resend.filter({ hasText: 'Send a new code in 1 second' }).waitFor();

    await pass(1_000);
    await resend.click();
    await reaches('prepared');
    expect((await world()).messages).toHaveLength(2);

    await press('An older code');
    await reaches('failed.code_rejected');

    expect(await newestCode()).not.toBe(older);
    await type(await newestCode());
    await reaches('complete');
  });

  it('waits after too many tries, and goes on', async () => {
    const { press, reaches, page, type, newestCode, spendTries } = await arriveWithMessage();
    await spendTries();

    await press('A wrong code');
    await reaches('failed.throttled');
    expect(await page.locator('#code-hint').textContent()).toMatch(
      /Another try is possible in 0:\d\d/,
    );

    await press('30 seconds');
    await page.waitForFunction(
      () => !document.getElementById('code-hint')?.textContent?.includes('Another try'),
    );
    await type(await newestCode());
    await reaches('complete');
  });

  it('ends a lock-out with an explanation and a way to start again', async () => {
    const { trouble, type, newestCode, reaches, status, page, press } = await arriveWithMessage();
    await trouble('Lock the account', true);

    await type(await newestCode());

    await reaches('halted');
    expect(await status.textContent()).toContain('Your account is locked');
    expect(await status.textContent()).toContain('5 minutes');
    await press('Start again');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});

describe('what gets lost', () => {
  it('resumes after a reload without a second message', async () => {
    const { page, type, newestCode, reaches, world, resend } = await arriveWithMessage();

    await page.reload();
    await reaches('prepared');
    expect(await resend.isDisabled()).toBe(true);
    expect((await world()).requests).toMatchObject({ prepare: 1, attempt: 0 });

    await type(await newestCode());
    await reaches('complete');
    expect((await world()).requests).toMatchObject({ prepare: 1, attempt: 1 });
  });

  it('shows the session after a reload', async () => {
    const { page, type, newestCode, reaches } = await arriveWithMessage();
    await type(await newestCode());
    await reaches('complete');

    await page.reload();

    await page.getByText('sess_1').waitFor();
    await reaches('complete');
  });

  it('reconciles an attempt whose reply was lost', async () => {
    const { trouble, type, newestCode, reaches, answers, world } = await arriveWithMessage();
    await trouble('Lose the next reply', true);

    await type(await newestCode());
    await reaches('attempting.sending');

    await answers('attempt');
    await reaches('attempting.reconciling');
    await answers('reload');
    await reaches('complete');
    expect((await world()).requests).toMatchObject({ prepare: 1, attempt: 1, reload: 1 });
  });

  it('takes the code of a message whose prepare was never answered', async () => {
    const { trouble, choose, type, newestCode, reaches, answers, world } = await arrive();
    await trouble('Lose the next reply', true);
    await choose('Text message to .*00$');
    await answers('prepare');
    await reaches('failed.not_sent');
    expect((await world()).messages).toHaveLength(1);

    await type(await newestCode());

    await reaches('complete');
    expect((await world()).requests).toMatchObject({ prepare: 1, attempt: 1 });
  });

  it('goes offline and comes back', async () => {
    const { trouble, type, newestCode, reaches, page, status } = await arriveWithMessage();
    await trouble('Offline', true);
    await type(await newestCode());
    await reaches('failed.outcome_unknown');
    expect(await status.textContent()).toContain('No answer came');

    await trouble('Offline', false);
    await page.locator('#second-factor-code').press('Enter'); // the same code is not sent by itself twice

    await reaches('complete');
  });

  it('waits for the network when it is opened again offline', async () => {
    const { trouble, page, press, reaches } = await arriveWithMessage();
    await trouble('Offline', true);
    await page.reload();
    await page.getByRole('heading', { name: 'Not connected' }).waitFor();

    await trouble('Offline', false);
    await press('Try again');

    await reaches('prepared');
  });

  it('asks for the password where the backend has forgotten the sign-in', async () => {
    const { page } = await arriveWithMessage();
    await page.evaluate(() =>
      sessionStorage.setItem(
        'second-factor',
        JSON.stringify({
          ...JSON.parse(sessionStorage.getItem('second-factor') ?? '{}'),
          signInId: 'sia_99',
        }),
      ),
    );

    await page.reload();

    await page.getByText('That sign-in is not known any more.').waitFor();
  });
});

describe('what nobody else sees', () => {
  it('keeps typed codes out of the page, the log, the storage and the console', async () => {
    const { press, type, newestCode, reaches, page, guard, world } = await arriveWithMessage();
    const wrong = (await newestCode()) === '135790' ? '135791' : '135790';
    await type(wrong);
    await reaches('failed.code_rejected');
    const right = await newestCode();
    await type(right);
    await reaches('complete');

    const traces = await page.evaluate(() => {
      const copy = document.documentElement.cloneNode(true) as HTMLElement;
      copy.querySelector('.devices')?.remove(); // a phone shows its messages
      return [
        copy.outerHTML,
        JSON.stringify(sessionStorage),
        JSON.stringify(localStorage),
        location.href,
      ].join();
    });
    expect(await page.locator('.log').innerText()).toContain('ATTEMPT');
    for (const code of [wrong, right]) {
      expect(traces).not.toContain(code);
      expect(guard.consoleTexts.join()).not.toContain(code);
    }
    expect(JSON.stringify((await world()).requests)).not.toContain(right);
    await press('Sign out');
  });

  it('gives every visitor a phone of their own', async () => {
    const one = await arriveWithMessage();
    const other = await visit(here.demo.url, here.clock);
    onTestFinished(() => other.close());
    await other.signIn();

    expect((await one.world()).messages).toHaveLength(1);
    expect((await other.world()).messages).toHaveLength(0);
    await one.page.bringToFront();
    await one.press('Start all over');
    await one.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await other.reaches('needs_second_factor');
  });
});

function isFocused(target: Element): boolean {
  return target === document.activeElement;
}
