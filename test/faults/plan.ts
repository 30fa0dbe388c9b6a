import type { Chance } from '../fuzz/chance.ts';
import type { Instance } from './central.ts';
import type { Counts } from './counts.ts';
import type { Proxy } from './proxy.ts';
import type { Seat } from './seat.ts';
import type { Worker } from './work.ts';

/** Faults that last: each is drawn from a deck that holds every kind, so that a short run meets all of them too. */
export const lasting = [
  'cutSeat',
  'cutInstance',
  'freezeSeat',
  'freezeCentral',
  'killSeat',
  'killCentral',
  'stopCentral',
  'jumpSeat',
  'jumpCentral',
  'storm',
  'dropLines',
  'takeOver',
] as const;
type Lasting = (typeof lasting)[number];

const jumps = [262_000, -262_000, 86_400_000, -86_400_000] as const;

export type PlanNeeds = {
  readonly chance: Chance;
  readonly proxy: Proxy;
  readonly seats: readonly Seat[];
  readonly workers: readonly Worker[];
  readonly instances: readonly Instance[];
  readonly counts: Counts;
  /** Events from one fault to the next, on average. */
  readonly spacing: number;
};

/**
 * When something goes wrong and when it is mended, by the count of things done at the seats, never by the time: the same seed plans the
 * same.
 */
export class Plan {
  readonly #needs: PlanNeeds;
  #ticks = 0;
  #next: number;
  #deck: Lasting[] = [];
  #isOver = false;
  readonly #running: { readonly untilTick: number; readonly heal: () => void | Promise<void> }[] = [];
  /** Starts and stops under way; what is being restarted is left alone. */
  readonly #underWay = new Set<Promise<void>>();
  readonly #busy = new Set<string>();

  constructor(needs: PlanNeeds) {
    this.#needs = needs;
    this.#next = Math.ceil(needs.spacing / 2);
  }

  get ticks(): number {
    return this.#ticks;
  }

  /** @param isStill nothing was done: what goes wrong comes to its end, and nothing new begins */
  tick(isStill = false): void {
    if (this.#isOver) return;
    this.#ticks += 1;
    for (const fault of this.#running.filter(({ untilTick }) => untilTick <= this.#ticks)) {
      this.#running.splice(this.#running.indexOf(fault), 1);
      this.#track(fault.heal());
    }
    if (isStill) this.#next += 1;
    if (this.#ticks < this.#next) return;
    const { chance, spacing } = this.#needs;
    this.#next = this.#ticks + 1 + chance.below(2 * spacing);
    this.#begin(this.#draw());
  }

  /** Mends everything for good; resolves when all is up again. What is done from here on begins no fault: nobody would end it. */
  async heal(): Promise<void> {
    this.#isOver = true;
    for (const { heal } of this.#running.splice(0)) this.#track(heal());
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    for (const { jump } of this.#needs.instances) jump(0);
    for (const seat of this.#needs.seats) seat.jump(0);
    this.#needs.proxy.calm();
  }

  #draw(): Lasting {
    const { chance } = this.#needs;
    if (this.#deck.length === 0) this.#deck = [...lasting];
    const [drawn = 'storm'] = this.#deck.splice(chance.below(this.#deck.length), 1);
    return drawn;
  }

  #track(work: void | Promise<void>): void {
    if (work === undefined) return;
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  #lasts(shortest: number, longest: number, heal: () => void | Promise<void>): void {
    const untilTick = this.#ticks + shortest + this.#needs.chance.below(longest - shortest);
    this.#running.push({ untilTick, heal });
  }

  /** One lasting fault per process at a time. */
  #only(key: string, begin: (over: () => void) => void): void {
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    begin(() => void this.#busy.delete(key));
  }

  #begin(kind: Lasting): void {
    const { chance, proxy, seats, workers, instances, counts } = this.#needs;
    const at = chance.below(seats.length);
    const seat = seats[at];
    const which = chance.below(instances.length);
    const instance = instances[which];
    if (seat === undefined || instance === undefined) return;
    counts.add(kind);
    switch (kind) {
      case 'cutSeat':
        proxy.cutSeats.add(at);
        proxy.dropLines(at);
        return this.#lasts(20, 400, () => void proxy.cutSeats.delete(at));
      case 'cutInstance':
        proxy.cutInstances.add(which);
        return this.#lasts(20, 300, () => void proxy.cutInstances.delete(which));
      case 'storm':
        proxy.storms.add(at);
        return this.#lasts(60, 500, () => void proxy.storms.delete(at));
      case 'dropLines':
        return proxy.dropLines(at);
      case 'takeOver':
        return this.#takeOver(workers[at], workers[(at + 1) % workers.length]);
      case 'jumpSeat':
        seat.jump(chance.oneOf(jumps));
        return this.#lasts(20, 150, () => seat.jump(0));
      case 'jumpCentral':
        instance.jump(chance.oneOf(jumps));
        return this.#lasts(20, 150, () => instance.jump(0));
      default:
        return this.#process(kind, `seat ${at}`, seat, `central ${which}`, instance);
    }
  }

  #takeOver(worker: Worker | undefined, of: Worker | undefined): void {
    if (worker === undefined || of === undefined) return;
    worker.agentNumber = of.home;
    this.#lasts(30, 90, () => void (worker.agentNumber = worker.home));
  }

  #process(
    kind: 'freezeSeat' | 'freezeCentral' | 'killSeat' | 'killCentral' | 'stopCentral',
    seatKey: string,
    seat: Seat,
    centralKey: string,
    instance: Instance,
  ): void {
    switch (kind) {
      case 'freezeSeat':
        return this.#only(seatKey, (over) => {
          seat.freeze();
          this.#lasts(5, 40, () => {
            seat.thaw();
            over();
          });
        });
      case 'freezeCentral':
        return this.#only(centralKey, (over) => {
          instance.freeze();
          this.#lasts(5, 60, () => {
            instance.thaw();
            over();
          });
        });
      case 'killSeat':
        return this.#only(seatKey, (over) => {
          const killed = seat.kill();
          this.#track(killed);
          this.#lasts(1, 30, async () => {
            await killed;
            await seat.start();
            over();
          });
        });
      case 'killCentral':
      case 'stopCentral':
        return this.#only(centralKey, (over) => {
          const gone = kind === 'killCentral' ? instance.kill() : instance.stop();
          this.#track(gone);
          this.#lasts(5, 60, async () => {
            await gone;
            await instance.start();
            over();
          });
        });
    }
  }
}
