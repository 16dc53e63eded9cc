import { expect, it } from 'vitest';
import { oneVisitor } from './one-visitor.ts';

const here = oneVisitor();

it.each(['second-factor/inspect', '@xstate/inspect'])(
  'lights the state of the running flow by the protocol of %s, and shows no code',
  async (protocol) => {
    const { page } = here.visitor;
    await here.visitor.startAfresh();
    await here.visitor.signIn(); // the flow runs before the inspector is opened
    await page.getByRole('heading', { name: 'Inspector' }).click();
    await page.getByLabel('Protocol').selectOption(protocol);
    const viewer = page.frameLocator('#inspector-place iframe');
    const active = viewer.locator('.state.active');
    const lit = () => active.evaluateAll((all) => all.map((one) => one.dataset.id));
    const lights = (state: string) => expect.poll(lit).toContain(`secondFactor.${state}`);

    await lights('needs_second_factor');
    await here.visitor.choose('Text message to .*00$');
    await here.visitor.reaches('prepared');
    await lights('prepared');

    const code = await here.visitor.newestCode();
    await here.visitor.type(code);
    await here.visitor.reaches('complete');
    await lights('complete');
    expect(await viewer.locator('html').innerHTML()).not.toContain(code);
  },
);
