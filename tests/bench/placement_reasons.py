"""Why a row of the placement benchmark is not met, by the key of the row; printed only where it is not."""

_SMALL = (
    "Both sides need longer: 10 s find a plan 0.1 % below that of two minutes, and the larger regions that take 0.3 %"
    " off the bound are settled after 20 s. Next: regions on several cores."
)
_MIDDLE = (
    "What the linear program leaves, 623,950 against the best plan known, 619,502 (100 s of annealing alone, then 40"
    " s of exact moves), is 0.7 %: fractions against whole devices, or plans nobody has found. Regions settled exactly"
    " take an eighth of it off within two minutes; five times the annealing betters the plan by less than 0.1 %. Next:"
    " cuts for overlapping covers within a region, and several cores."
)
_LARGE = (
    "The linear program is nearly solved; what is left is the plan, which twice the annealing betters by 0.1 %, and fractions"
    " against whole devices. Regions help little: of five with 500 sites each (p 200) none took off more than 59 of the 1,200 to"
    " 2,100 that it promised at most. Next: cuts for overlapping covers, and several cores."
)
_HUGE = (
    "Plan and bound come close to the goal together; what limits 20,000 candidates was not looked into separately here."
)
_TIME = "The plan and the regions both go on when the time is up. Next: several cores."
_CLOCK = (
    "Merging a million cells takes about 1.5 s, which is reading their 30 million entries three times; the rest is branching on"
    " the classes that are left. Next: merging while the covers are made (`merge_stream`), which needs no CSR at all."
)
_PEERS = (
    "The peer was stopped at its limit before it had proven anything, and the ratio counts no more than that limit: it is a lower"
    " bound. Where the peer ended by itself, its figure is beside ours."
)
_GREEDY = (
    "It reads memory, and takes as long as the machine's other guests let it: between 0.39 and 0.61 s for the same picks on the"
    " same day, and the matrix-vector greedy between 53 and 65 s."
)

REASONS: dict[str, str] = {
    **dict.fromkeys(("a_1m_5.5", "a_1m_6.25", "a_1m_5", "a_1m_4.25"), _CLOCK),
    **dict.fromkeys(("a_10k", "a_100k"), _PEERS),
    **dict.fromkeys(("greedy", "greedy_ratio"), _GREEDY),
    **dict.fromkeys(("b1_50_10", "b1_50_60"), _SMALL),
    **dict.fromkeys(("b5_500_30", "b5_500_120"), _MIDDLE),
    **dict.fromkeys(("b20_200_120", "b20_1000_120"), _LARGE),
    **dict.fromkeys(("b50_500_300", "b50_2000_300"), _HUGE),
    **dict.fromkeys(("b5_20_30", "b5_20_120", "b5_100_30", "b5_100_120", "c_porto", "c_heidelberg"), _TIME),
}
