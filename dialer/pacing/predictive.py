"""The predictive pacer (prototype)."""

import math
from typing import Any

import numpy as np

from dialer.pacing.answers import Answers
from dialer.pacing.lengths import HORIZON, POINTS, STEP, Handling
from dialer.pacing.snapshot import CallOutcome, PacingSnapshot

GRID = np.arange(0, 52, 3)  # points of the horizon looked at: every 1.5 s up to 25 s
_ERF = np.vectorize(math.erf)


def pb(rows, size):
    """pmf of the count, (size+1, T)."""
    n, t = rows.shape
    pmf = np.zeros((n + 1, t))
    pmf[0] = 1.0
    for i in range(n):
        p = rows[i]
        up = pmf[: i + 1] * p
        pmf[: i + 1] -= up
        pmf[1 : i + 2] += up
    return pmf


def phi(x):
    # Logistic-free normal cdf, Abramowitz-Stegun 7.1.26 would do; tanh form within 2e-4
    return 0.5 * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))


class PredictivePacer:
    event_driven = True

    def __init__(self, theta=0.06, gain=0.1, aim=0.95, slack=None, mode="p", exact=60, upto=18):
        self.mode, self.upto = mode, upto
        self.answers, self.handling = Answers(), Handling()
        self.log_theta, self.gain, self.aim = math.log(theta), gain, aim
        self.slack = slack
        self.exact = exact
        self._last = None
        self._first = None
        self._prev = (0.0, 0.0)

    def observe(self, o: CallOutcome) -> None:
        if o.kind == "attempt":
            self.answers.add(o.result, o.ring_s, o.at < 0)
        elif o.kind == "handled" and not o.inbound:
            self.handling.add(o.talk_s, o.wrap_s)

    def calls_to_place(self, s: PacingSnapshot) -> int:
        if self._first is None:
            self._first = (s.abandoned, s.live_answered)
        dt = 0.0 if self._last is None else s.now - self._last
        if dt >= 0.25 or self._last is None:
            staff = len(s.agents_idle) + len(s.agents_talking) + len(s.agents_wrapup) + len(s.agents_inbound)
            memory = min(1800.0, max(240.0, 6000.0 / max(1, staff)))
            self.answers.passed(dt, s.calls_ringing, memory)
            self._last = s.now
        self._steer(s)
        return self._count(s)

    def _steer(self, s):
        ab, live = s.abandoned, s.live_answered
        da, dl = ab - self._prev[0], live - self._prev[1]
        if da or dl:
            self._prev = (ab, live)
            if self._budget(s) < 1.0:
                dl = 0.0
            self.log_theta += self.gain * (s.target_abandon_rate * self.aim * dl - da) / (s.target_abandon_rate * 10)
            self.log_theta = min(math.log(0.6), max(math.log(0.01), self.log_theta))

    def _budget(self, s):
        target = s.target_abandon_rate
        run_ab, run_live = s.abandoned - self._first[0], s.live_answered - self._first[1]
        staff = len(s.agents_idle) + len(s.agents_talking) + len(s.agents_wrapup)
        to_come = staff * max(0.0, s.shift_end - s.now) / (self.handling.mean + 20)
        advance = min(60.0, 0.5 * to_come)
        return min(target * (run_live + advance) - run_ab, target * s.live_answered - s.abandoned)

    def _count(self, s):
        idle = len(s.agents_idle)
        under_way = len(s.calls_ringing) + len(s.calls_in_amd) + len(s.calls_waiting)
        one_to_one = max(0, idle - under_way - len(s.inbound_waiting))
        if self._budget(s) < 1.0:
            return one_to_one
        slack = 3.2
        shift = round(slack / STEP)
        freed = self.handling.freed(s.agents_talking, s.agents_wrapup)
        if s.agents_inbound:
            freed = np.concatenate([freed, self.handling.freed(s.agents_inbound, [])])
        freed = freed[:, np.minimum(GRID + shift, POINTS - 1)]
        a = self.answers
        rows = [a.answering(s.calls_ringing)[:, GRID]] if s.calls_ringing else []
        if s.calls_in_amd:
            ages = np.array(s.calls_in_amd)
            sh = 1 - phi((ages - 1.9) / 0.4); sm = np.clip((3.8 - ages) / 2.0, 0.02, 1)
            h, m = a.persons * a.level, a.machines
            pi = h * sh / (h * sh + m * sm) if True else 0
            rows.append(np.repeat(pi[:, None], len(GRID), axis=1))
        demand = np.concatenate(rows) if rows else np.zeros((0, len(GRID)))
        sure = len(s.calls_waiting) + len(s.inbound_waiting)
        fresh = a.fresh()[GRID]
        theta = math.exp(self.log_theta)
        room = min(s.max_lines, s.list_remaining, int(s.cps_cap) + 1)
        free = idle - sure
        if len(demand) + len(freed) <= self.exact:
            return self._exact(free, freed, demand, fresh, theta, room, s)
        return self._normal(free, freed, demand, fresh, theta, room, s)

    def _exact(self, free, freed, demand, fresh, theta, room, s):
        f = pb(freed, 0)
        a = pb(demand, 0)
        cdf = np.cumsum(f, axis=0)
        nf = len(f)
        limit = theta * fresh[-1]
        rates = np.diff(demand.sum(axis=0), prepend=0.0)
        fr = np.diff(fresh, prepend=0.0)
        inbound = s.inbound_rate_forecast * HORIZON[GRID]
        size = max(len(a) + 40, 1)
        pmf = np.zeros((size, a.shape[1])); pmf[: len(a)] = a
        # shortage given a others: P(free + F <= a) = cdf[a - free]
        at = np.arange(size) - free
        short = np.zeros((size, a.shape[1]))
        ok = at >= 0
        short[ok] = cdf[np.minimum(at[ok], nf - 1)]
        def cost(pmf, k):
            return float(((rates + k * fr) * (pmf * short).sum(axis=0)).sum())
        # E[(free - a + F)+] by a
        if self.mode == "idle":
            nfv = np.arange(nf)
            idle_at = np.stack([(np.maximum(0, free - x + nfv)[:, None] * f).sum(axis=0) for x in range(size)])
            U = self.upto
            w = np.ones(a.shape[1]); w[U:] = 0
            def idle(pmf):
                return float(((pmf * idle_at).sum(axis=0) * w).sum()) * 1.5
            k, c, i0 = 0, cost(pmf, 0), idle(pmf)
            while k < min(room, 35):
                nxt = pmf * (1 - fresh)
                nxt[1:] += pmf[:-1] * fresh
                c2, i1 = cost(nxt, k + 1), idle(nxt)
                if c2 - c > theta / 8 * (i0 - i1):
                    break
                pmf, c, i0, k = nxt, c2, i1, k + 1
            return k
        k, c = 0, cost(pmf, 0)
        while k < min(room, 35):
            nxt = pmf * (1 - fresh)
            nxt[1:] += pmf[:-1] * fresh
            c2 = cost(nxt, k + 1)
            if c2 - c > limit:
                break
            pmf, c, k = nxt, c2, k + 1
        return k

    def _normal(self, free, freed, demand, fresh, theta, room, s):
        mu_f, var_f = freed.sum(axis=0), (freed * (1 - freed)).sum(axis=0)
        mu_a, var_a = demand.sum(axis=0), (demand * (1 - demand)).sum(axis=0)
        ks = np.arange(0, min(room, 80) + 2)[:, None]
        mean = free + mu_f - mu_a - ks * fresh
        var = var_f + var_a + ks * fresh * (1 - fresh)
        short = phi((-mean + 0.5) / np.sqrt(np.maximum(var, 1e-6)))
        rates = np.diff(mu_a, prepend=0.0) + ks * np.diff(fresh, prepend=0.0)
        cost = (rates * short).sum(axis=1)
        more = np.diff(cost) > theta * fresh[-1]
        return int(np.argmax(more)) if more.any() else len(ks) - 2
