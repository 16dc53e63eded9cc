import { describe, expect, it, vi } from 'vitest';
import {
  defaultToError,
  SecondFactorError,
  type SecondFactorServices,
} from '../../../src/index.ts';
import { createSandbox } from '../../../src/sandbox/index.ts';
import {
  checkServices,
  describeServices,
  type Runner,
  SERVICE_CHECKS,
  type ServicesUnderTest,
} from '../../../src/testing/index.ts';

function sandboxUnderTest(
  wrap: (services: SecondFactorServices) => SecondFactorServices = (services) => services,
): ServicesUnderTest {
  const sandbox = createSandbox();
  const signIn = sandbox.signIn();
  const [phone] = signIn.supportedSecondFactors;
  if (!phone) throw new Error('the sandbox has no phone');
  return {
    services: wrap(sandbox.services(signIn.id)),
    signIn,
    factor: phone,
    rightCode: () => sandbox.inbox.code(),
    fault: (fault) => sandbox.faults.next('any', fault),
    sent: () => sandbox.requests.all.map(({ params }) => params),
  };
}

describeServices('the services of the sandbox', sandboxUnderTest, { describe, it });

/** Services whose client quotes its request in what it throws. */
function echoing(services: SecondFactorServices): SecondFactorServices {
  return {
    ...services,
    attemptSecondFactor: (params, request) =>
      services.attemptSecondFactor(params, request).catch((error: unknown) => {
        throw { ...Object(error), request: params };
      }),
  };
}

/** The phone of the sandbox as a strategy that the host has registered. */
function underAnotherName(): ServicesUnderTest {
  const subject = sandboxUnderTest();
  const { services, factor, signIn } = subject;
  const renamed = { strategy: 'pager', pagerId: String(factor.phoneNumberId) };
  const there = ({ pagerId, ...params }: { readonly [name: string]: string | undefined }) => ({
    ...params,
    strategy: 'phone_code',
    ...(pagerId !== undefined && { phoneNumberId: pagerId }),
  });
  const back = (reply: object): object =>
    JSON.parse(
      JSON.stringify(reply)
        .replaceAll('phone_code', 'pager')
        .replaceAll('phoneNumberId', 'pagerId'),
    );
  return {
    ...subject,
    services: {
      prepareSecondFactor: async (params, request) =>
        back(await services.prepareSecondFactor(there(params), request)),
      attemptSecondFactor: async (params, request) =>
        back(
          await services.attemptSecondFactor(
            { ...params, ...there({ strategy: params.strategy }) },
            request,
          ),
        ),
      reloadSignIn: async (request) => back(Object(await services.reloadSignIn?.(request))),
    },
    signIn: { ...signIn, supportedSecondFactors: [renamed] },
    factor: renamed,
    strategies: {
      pager: { needsPreparation: true, proof: 'code', length: 6, idField: 'pagerId' },
    },
    sent: () => [],
  };
}

async function failuresOf(wrap: (services: SecondFactorServices) => SecondFactorServices) {
  const results = await checkServices(() => sandboxUnderTest(wrap));
  return results.filter(({ result }) => result === 'failed').map(({ check }) => check);
}

describe('checkServices', () => {
  it('skips nothing for services that bring everything', async () => {
    const results = await checkServices(() => sandboxUnderTest());
    expect(results.filter(({ result }) => result !== 'passed')).toEqual([]);
  });

  it('skips the checks that it has no means for', async () => {
    const results = await checkServices(() => {
      const { services, signIn, rightCode } = sandboxUnderTest();
      const { prepareSecondFactor, attemptSecondFactor } = services;
      void rightCode;
      return {
        services: { prepareSecondFactor, attemptSecondFactor },
        signIn,
        factor: { strategy: 'backup_code' },
        rightCode: () => 'unused',
      };
    });
    const skipped = results.filter(({ result }) => result === 'skipped');
    expect(skipped.map(({ problem }) => problem)).toContain('there is no reload');
    expect(skipped.map(({ problem }) => problem)).toContain('there is no fault');
    expect(skipped.map(({ problem }) => problem)).toContain('there is no preparation');
  });

  it('finds services that swallow a refusal', async () => {
    const failures = await failuresOf((services) => ({
      ...services,
      attemptSecondFactor: (params, request) =>
        services
          .attemptSecondFactor(params, request)
          .catch(() => ({ id: 'x', status: 'complete' })),
    }));
    expect(failures).toContain(
      'attempt rejects a wrong code as code_incorrect, and the flow can go on',
    );
    expect(failures).toContain('a lost reply is read as one whose outcome nobody knows');
  });

  it('finds services that ignore the signal', async () => {
    const { signal } = new AbortController();
    const failures = await failuresOf((services) => ({
      ...services,
      attemptSecondFactor: (params, request) =>
        services.attemptSecondFactor(params, { ...request, signal }),
    }));
    expect(failures).toEqual(['a call whose signal is aborted settles']);
  });

  it('finds services that pass the whole factor on', async () => {
    const failures = await failuresOf((services) => ({
      ...services,
      prepareSecondFactor: (params, request) =>
        services.prepareSecondFactor({ ...params, safeIdentifier: '+1' }, request),
    }));
    expect(failures).toContain('only parameters that the backend knows are sent');
  });

  it('finds services that pass only the fields they know', async () => {
    const known = Object.keys(createSandbox().signIn()).length;
    const failures = await failuresOf((services) => ({
      ...services,
      attemptSecondFactor: async (params, request) => {
        const reply = await services.attemptSecondFactor(params, request);
        if (Object.keys(reply).length > known) throw new TypeError('unknown field');
        return reply;
      },
    }));
    expect(failures).toEqual(['a reply with fields that nobody knows is read all the same']);
  });

  it('finds services that show the code', async () => {
    const failures = await failuresOf((services) => ({
      ...services,
      attemptSecondFactor: async (params, request) => ({
        ...(await services.attemptSecondFactor(params, request)),
        createdSessionId: `session of ${params.code}`,
      }),
    }));
    expect(failures).toEqual([
      'no code is in an error, in a reply or on the console',
      'a whole flow keeps every invariant, and shows the code nowhere',
    ]);
  });

  it.each<[string, Partial<ServicesUnderTest>]>([
    [
      'the error.message',
      {
        toError: (error) =>
          new SecondFactorError('code_incorrect', { message: JSON.stringify(error) }),
      },
    ],
    [
      'the console.0.1.code',
      {
        toError: (error, at) => {
          console.debug('refused', { code: '000000' });
          return defaultToError(error, at);
        },
      },
    ],
  ])('finds a code in %s', async (where, planted) => {
    const said = vi.spyOn(console, 'debug').mockImplementation(() => {});
    const results = await checkServices(() => ({ ...sandboxUnderTest(echoing), ...planted }));
    const check = 'no code is in an error, in a reply or on the console';
    expect(results.find((result) => result.check === check)).toEqual({
      check,
      result: 'failed',
      problem: `the code of the request is in ${where}`,
    });
    said.mockRestore();
  });

  it('finds a fault that has no effect', async () => {
    const results = await checkServices(() => ({ ...sandboxUnderTest(), fault: () => {} }));
    const problems = results.map(({ problem }) => problem);
    expect(problems).toContain(
      'it was answered before it was aborted: fault({ neverSettles: true }) had no effect',
    );
  });

  it('takes the parameters of the factor, and those that it is told of', async () => {
    const check = 'only parameters that the backend knows are sent';
    const of = async (parameters: string[]) => {
      const sent = () => [{ strategy: 'phone_code', phone_number_id: 'idn_1', tenant_id: 't' }];
      const results = await checkServices(() => ({ ...sandboxUnderTest(), sent, parameters }));
      return results.find((result) => result.check === check);
    };
    expect(await of(['tenant_id'])).toMatchObject({ result: 'passed' });
    expect(await of([])).toMatchObject({
      problem: 'tenantId was sent beside strategy, phoneNumberId, code',
    });
  });

  it('knows the strategies of the host', async () => {
    const results = await checkServices(underAnotherName);
    expect(results.filter(({ result }) => result !== 'passed')).toEqual([]);
  });

  it('finds services that forget the Retry-After', async () => {
    const failures = await failuresOf((services) => ({
      ...services,
      attemptSecondFactor: (params, request) =>
        services.attemptSecondFactor(params, request).catch((error: { status?: number }) => {
          throw { ...error, retryAfter: undefined };
        }),
    }));
    expect(failures.filter((check) => check.includes('Retry-After'))).toHaveLength(2);
  });

  it('finds a reload that makes things up', async () => {
    const failures = await failuresOf((services) => ({
      ...services,
      reloadSignIn: async () => ({ id: 'sia_1', status: 'needs_second_factor' }),
    }));
    expect(failures).toEqual([
      'reload resolves with what is true, before and after',
      'after a lost reply reload tells that the attempt took effect',
    ]);
  });
});

describe('describeServices', () => {
  it('says what it needs if there is no runner', () => {
    expect(() => describeServices('x', sandboxUnderTest, {})).toThrow(TypeError);
  });

  it.each<[string, (skip: (why?: unknown) => void) => [self: unknown, ...args: unknown[]]]>([
    ['vitest and node:test', (skip) => [undefined, { skip }]],
    ['Mocha', (skip) => [{ skip }]],
  ])('skips as %s do', async (_, contextOf) => {
    const { tests } = withoutFaults();
    const skipped: string[] = [];
    for (const [name, body] of tests) {
      const [self, ...args] = contextOf(() => skipped.push(name));
      await body.apply(self, args);
    }
    expect(skipped).toEqual(NEED_FAULTS);
  });

  it('says what was skipped if the runner can’t', async () => {
    const said = vi.spyOn(console, 'info').mockImplementation(() => {});
    const { tests, lengths } = withoutFaults();
    for (const [, body] of tests) await body.apply(undefined, []);
    expect(said.mock.calls.flat()).toEqual(
      NEED_FAULTS.map((name) => `Skipped: ${name}: there is no fault`),
    );
    said.mockRestore();
    // Jest takes a test with a parameter for a test with a callback.
    expect(lengths).toEqual(new Set([0]));
  });

  const NEED_FAULTS = SERVICE_CHECKS.filter((name) =>
    /signal|lost reply|^a (?:\d+|reply|page)|^[a-z_]+ is read as/.test(name),
  );

  /** What a runner hears about services whose backend can't be made to fail. */
  function withoutFaults() {
    const tests: [name: string, body: Parameters<Runner['it']>[1]][] = [];
    describeServices('x', withoutFault, {
      describe: (_name, body) => body(),
      it: (name, body) => tests.push([name, body]),
    });
    return { tests, lengths: new Set(tests.map(([, body]) => body.length)) };
  }

  function withoutFault(): ServicesUnderTest {
    const { fault: _, ...others } = sandboxUnderTest();
    return others;
  }
});
