// What each algorithm took from whom. The facts are those of the `Source:` lines in packages/core/src; two that these lines take for granted
// stand here: D. R. Jones, M. Schonlau, W. J. Welch (1998), "Efficient global optimization of expensive black-box functions", Journal of
// Global Optimization 13, and N. Hansen, A. Ostermeier (2001), "Completely derandomized self-adaptation in evolution strategies",
// Evolutionary Computation 9.
import { dot, line, linearScale, px, rect, sheet, text } from "./svg.mjs";

/** Of each algorithm: [year, who, what], oldest first. */
const lanes = [
  [
    "grid",
    [
      [1988, "Luby, Rackoff", "an order shuffled without a list"],
      [2002, "Black, Rogaway", "the same for any number of configs"],
    ],
  ],
  ["random", [[2012, "Bergstra, Bengio", "why it beats a grid"]]],
  [
    "qmc",
    [
      [2008, "Joe, Kuo", "the numbers behind the Sobol sequence"],
      [2020, "Burley", "a scramble that is a hash"],
    ],
  ],
  [
    "tpe",
    [
      [2010, "Ginsbourger et al.", "trials under way count as bad"],
      [2011, "Bergstra et al.", "good trials against the others"],
      [2013, "Bergstra et al.", "old trials weigh less"],
      [2018, "Falkner et al., BOHB", "one density over all parameters"],
      [2022, "Ozaki et al., MOTPE", "several objectives"],
      [2023, "Watanabe", "the least bandwidth"],
    ],
  ],
  [
    "gp",
    [
      [1998, "Jones et al., EGO", "expected improvement"],
      [2000, "Yeo, Johnson", "losses bent towards normal"],
      [2006, "Rasmussen, Williams", "kernel, likelihood, posterior"],
      [2006, "Knowles, ParEGO", "three and more objectives"],
      [2010, "Ginsbourger et al.", "trials under way, by belief"],
      [2013, "Regis, Shoemaker", "candidates with few changes"],
      [2016, "Emmerich et al.", "two objectives, exactly"],
      [2019, "Eriksson et al., TuRBO", "a region of trust"],
      [2021, "Eriksson, Poloczek, SCBO", "constraints, compressed"],
      [2022, "Hvarfner et al., πBO", "declared priors"],
      [2023, "Ament et al., LogEI", "improvement in logarithms"],
      [2024, "Hvarfner et al.", "lengthscales that grow with d"],
      [2024, "Song et al., Vizier", "bad losses by their rank"],
    ],
  ],
  [
    "cma-es",
    [
      [2001, "Hansen, Ostermeier", "the strategy and its paths"],
      [2008, "Ros, Hansen", "a diagonal for many parameters"],
      [2009, "Hansen, BIPOP", "restarts, large and small in turn"],
      [2011, "Hansen", "trials of others injected"],
      [2016, "Hansen, tutorial", "all constants, negative weights"],
      [2019, "Akimoto et al., ASNG", "a step size for choices"],
      [2021, "Nomura et al., WS-CMA-ES", "a warm start"],
      [2022, "Hamano et al., CMAwM", "whole numbers"],
      [2023, "Nomura et al., LRA-CMA-ES", "learning rates for noise"],
      [2024, "Marty et al., LB+IC", "whole numbers, centred"],
      [2025, "Hamano et al., CatCMAwM", "choices"],
    ],
  ],
  [
    "nsga2",
    [
      [1995, "Deb, Agrawal, SBX", "the crossover"],
      [1996, "Deb, Goyal", "the mutation"],
      [2002, "Deb et al., NSGA-II", "ranks, crowding, constraints"],
    ],
  ],
  [
    "nsga3",
    [
      [1998, "Das, Dennis", "even directions"],
      [2014, "Deb, Jain, NSGA-III", "niches along directions"],
    ],
  ],
  [
    "asha",
    [
      [2016, "Jamieson, Talwalkar", "successive halving"],
      [2018, "Li et al., Hyperband", "brackets"],
      [2020, "Li et al., ASHA", "rungs that wait for nobody"],
      [2020, "Klein et al.", "stopping instead of promotion"],
    ],
  ],
  [
    "auto",
    [
      [2013, "Hutter et al.", "when an evolution strategy overtakes"],
      [2020, "Bossek et al.", "few trials before the model"],
    ],
  ],
];

const rowHeight = 19;
const laneGap = 16;
const top = 64;
const box = { left: 612, width: 66, height: 24 };
const year = linearScale([1988, 2026], [398, 578]);
const [startBus, autoBus] = [704, 730];

export function lineagePicture() {
  let y = top;
  const placed = lanes.map(([name, rows]) => {
    const from = y;
    y += rows.length * rowHeight + laneGap;
    return { name, rows, from, to: y - laneGap, middle: from + (rows.length * rowHeight) / 2 };
  });
  const byName = Object.fromEntries(placed.map((lane) => [lane.name, lane]));
  const title = "What each algorithm took from whom";
  const description = placed
    .map(({ name, rows }) => `${name}: ${rows.map(([when, who, what]) => `${what} (${who} ${when})`).join("; ")}.`)
    .join(" ");
  return sheet({ width: 760, height: y + 34, title, description }, [
    text(16, 28, "what it took", { className: "title" }),
    text(386, 28, "from whom", { anchor: "end", className: "title" }),
    text(box.left + box.width / 2, 28, "algorithm", { anchor: "middle", className: "title" }),
    timeline(y),
    placed.map(lane),
    starts(byName),
    choices(placed, byName.auto),
    text(16, y + 16, "blue line: its points are their first trials · orange line: auto asks one of them for each trial", {
      className: "small",
    }),
  ]);
}

function timeline(bottom) {
  return [1990, 2000, 2010, 2020].map((at) => [
    line(year(at), top - 16, year(at), bottom - laneGap, 'class="grid"'),
    text(year(at), top - 22, String(at), { anchor: "middle", className: "quiet small" }),
  ]);
}

function lane({ name, rows, from, to, middle }) {
  return [
    line(16, to + laneGap / 2, box.left + box.width, to + laneGap / 2, 'class="grid"'),
    rows.map(([when, who, what], i) => {
      const y = from + (i + 0.5) * rowHeight;
      const end = box.left - 3;
      return [
        text(16, y + 4, what, { className: "small" }),
        text(386, y + 4, `${who} ${when}`, { anchor: "end", className: "quiet small" }),
        `<path class="thin" stroke-opacity="0.55" d="M${px(year(when))} ${px(y)}H${px(584)}C${px(598)} ${px(y)} ${px(594)} ${px(middle)} ${px(end)} ${px(middle)}"/>`,
        dot(year(when), y, 3.4, 'class="ours-fill"'),
      ];
    }),
    rect(box.left, middle - box.height / 2, box.width, box.height, 'class="panel" rx="5"'),
    rect(box.left, middle - box.height / 2, box.width, box.height, 'class="frame" rx="5"'),
    text(box.left + box.width / 2, middle + 4.5, name, { anchor: "middle", className: "title" }),
  ];
}

/** From the design to those that begin with its points. */
function starts({ qmc, ...others }) {
  const right = box.left + box.width;
  const served = [others.tpe, others.gp, others["cma-es"], others.nsga2, others.nsga3];
  const last = served[served.length - 1].middle + 6;
  return [
    `<path class="ours" fill="none" stroke-width="1.4" d="M${px(right)} ${px(qmc.middle + 4)}H${startBus}V${px(last)}"/>`,
    served.map(({ middle }) => arrow(startBus, right + 2, middle + 6, "ours")),
  ];
}

/** From those that `auto` asks to it. */
function choices(placed, auto) {
  const right = box.left + box.width;
  const asked = placed.filter(({ name }) => !["auto", "asha", "random"].includes(name));
  return [
    asked.map(
      ({ middle }) => `<path class="this" fill="none" stroke-width="1.4" d="M${px(right)} ${px(middle - 5)}H${autoBus}"/>`,
    ),
    `<path class="this" fill="none" stroke-width="1.4" d="M${autoBus} ${px(asked[0].middle - 5)}V${px(auto.middle)}"/>`,
    arrow(autoBus, right + 2, auto.middle, "this"),
  ];
}

function arrow(from, to, y, look) {
  return [
    line(from, y, to + 6, y, `class="${look}" stroke-width="1.4"`),
    `<path class="${look}-fill" d="M${px(to)} ${px(y)}l7 -3.5v7z"/>`,
  ];
}
