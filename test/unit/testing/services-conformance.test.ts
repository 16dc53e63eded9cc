import { describe, expect, it } from 'vitest';
import type { SecondFactorServices } from '../../../src/index.ts';
import { createSandbox } from '../../../src/sandbox/index.ts';
import {
  checkServices,
  describeServices,
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

async function failuresOf(wrap: (services: SecondFactorServices) => SecondFactorServices) {
  const results = await checkServices(() => sandboxUnderTest(wrap));
  return results.filter(({ result }) => result === 'failed').map(({ check }) => check);
}

describe('checkServices', () => {
  it('skips nothing for services that bring everything', async () => {
    const results = await checkServices(() => sandboxUnderTest());
    expect(results.filter(({ result }) => result !== 'passed')).toEqual([]);
  });

  it('skips what there are no means for', async () => {
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
      attemptSecondFactor: (params) => services.attemptSecondFactor(params, { signal }),
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

  it('finds services that take nothing but the fields they know', async () => {
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
    expect(failures).toEqual(['a whole flow keeps every invariant, and shows the code nowhere']);
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
  it('says what it needs where there is no runner', () => {
    expect(() => describeServices('x', sandboxUnderTest, {})).toThrow(TypeError);
  });
});
