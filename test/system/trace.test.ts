import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { kubectlVersion } from '../guides/kubectl.ts';
import type { Live } from '../support/kubectl/objects.ts';
import type { LogEntry } from '../support/operator.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, type Place } from './clients.ts';

/** One pass seen from three sides: the operator's log, ALM's requests, and Events. */

const scenario = useScenario();
const clients = clientsOf(scenario);

const ANNOTATION = 'alm-operator.dev/correlation-id';
const LIMIT_MS = 60_000;
const run = promisify(execFile);

type Event = Live &
  Readonly<{
    reason: string;
    note: string;
    eventTime: string;
    related?: Readonly<{ kind: string }>;
    series?: Readonly<{ count: number; lastObservedTime: string }>;
  }>;

const eventsOf = async ({ namespace }: Place) =>
  (await scenario().api.events(namespace)) as unknown as readonly Event[];

const untilEvents = async (of: Place, what: string, holds: (events: readonly Event[]) => boolean) => {
  const wanted = (events: readonly Live[]) => holds(events as unknown as readonly Event[]);
  await scenario().api.waitForAll<Live>('Event', of.namespace, wanted, { what, timeoutMs: LIMIT_MS });
  return eventsOf(of);
};

const idOf = ({ metadata }: Live) => (metadata.annotations as Record<string, string>)?.[ANNOTATION] ?? '';

const linesWith = (id: string) =>
  scenario()
    .operator()
    .lines.filter((line) => line.includes(id))
    .map((line) => JSON.parse(line) as LogEntry);

describe('the id of a pass', () => {
  it('finds its lines, its requests to ALM and its Events', async () => {
    const of = await clients.created('traced');
    const events = await untilEvents(of, 'the Event of the creation', (all) => all.length > 0);
    const creation = events.find(({ reason }) => reason === 'Created');
    const id = creation === undefined ? '' : idOf(creation);
    expect(id).toMatch(/^[0-9a-f]{16}$/);

    const lines = linesWith(id);
    expect(lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['claim created', 'client written to ALM', 'status changed']),
    );
    for (const line of lines) {
      const { correlationId, controller, namespace, name } = line;
      expect({ correlationId, controller, namespace, name }).toEqual({
        correlationId: id,
        controller: 'clientcredential',
        namespace: of.namespace,
        name: of.name,
      });
    }
    const asked = scenario().alm.log.filter(({ requestId }) => requestId === id);
    expect(asked.filter(({ wrote }) => wrote === 'created').map(({ clientId }) => clientId)).toEqual([
      of.clientId,
    ]);
    expect(new Set(asked.map(({ clientId }) => clientId))).toEqual(new Set([of.clientId]));
  });

  it('is on every request to ALM, and each leads to lines of the log', async () => {
    await clients.created('every');
    const ids = new Set(scenario().alm.log.map(({ requestId }) => requestId));
    expect(ids.has(undefined)).toBe(false);
    for (const id of ids) expect(linesWith(String(id)).length, id).toBeGreaterThan(0);
  });
});

describe('what happens again and again', () => {
  async function changed(times: number): Promise<Place> {
    const of = await clients.created('again');
    for (let time = 0; time < times; time += 1) {
      await clients.change(of, { accessTokenValidity: 60 + time });
      await clients.until(
        of,
        'the change to be applied',
        ({ status, metadata }) =>
          (status?.['applied'] as { generation?: number })?.generation === metadata.generation,
      );
    }
    return of;
  }

  it(
    'is one Event that counts, and that kubectl shows in one line',
    async ({ skip }) => {
      const of = await changed(5);
      const five = (all: readonly Event[]) => all.some(({ series }) => series?.count === 5);
      const events = await untilEvents(of, 'a series of five', five);
      expect(events.map(({ reason }) => reason).toSorted()).toEqual(['Created', 'Updated']);
      const updated = events.find(({ reason }) => reason === 'Updated');
      expect(updated?.series?.lastObservedTime).toMatch(/\.\d{6}Z$/);
      expect(Date.parse(updated?.series?.lastObservedTime ?? '')).toBeGreaterThan(
        Date.parse(updated?.eventTime ?? ''),
      );
      const last = linesWith(updated === undefined ? '' : idOf(updated));
      expect(last.map(({ msg }) => msg)).toContain('client written to ALM');

      if (kubectlVersion() === undefined) skip('for want of kubectl 1.30 or newer');
      const kubeconfig = await scenario().cluster.kubeconfigFor('somebody');
      const words = ['describe', 'clientcredential', of.name, '-n', of.namespace, '--kubeconfig', kubeconfig];
      const { stdout } = await run('kubectl', words, { timeout: LIMIT_MS });
      expect(stdout).toMatch(/^ +Normal +Updated +\S+ \(x5 over \S+\) +alm-operator\.dev\/operator +\S.*$/m);
    },
    LIMIT_MS * 2,
  );

  it(
    'is told of to its end when the operator stops',
    async () => {
      const of = await changed(6);
      expect(await scenario().operator().stop()).toMatchObject({ code: 0 });
      const counts = (await eventsOf(of)).map(({ reason, series }) => `${reason} ${series?.count}`);
      expect(counts.toSorted()).toEqual(['Created undefined', 'Updated 6']);
      await scenario().launch();
    },
    LIMIT_MS * 2,
  );
});
