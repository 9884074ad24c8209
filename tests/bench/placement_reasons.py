"""Why a row of the placement benchmark is not met, by the key of the row; printed only where it is not."""

_SMALL_CITY = (
    "Half of what is left is the plan, half the bound. The linear program is solved to a hundredth of a per cent within seconds"
    " and leaves about a tenth of a per cent to whole devices; regions settled exactly take that off one after the other, ruin"
    " and repair with exact moves around one place brings the plan up. Both still move when the time is up; the row past the"
    " time limit says how far they come. Next: larger regions on several cores."
)
_LARGE_CITY = (
    "The bound is that of the linear program by first-order steps, whose last tenths of a per cent take longest, and regions"
    " are cut once it stands still; the plan improves as long as it is let. Next: regions and places on several cores."
)
_CLOCK = (
    "Merging a million cells takes about 1.5 s, which is reading their 30 million entries three times; the rest is branching on"
    " the classes that are left. Next: merging while the covers are made (`merge_stream`), which needs no CSR at all."
)
_PEERS = "The peer ends sooner on this machine; its figure is beside ours."

REASONS: dict[str, str] = {
    **dict.fromkeys(("a_1m_5.5", "a_1m_6.25", "a_1m_5", "a_1m_4.25"), _CLOCK),
    **dict.fromkeys(("a_10k", "a_100k"), _PEERS),
    **dict.fromkeys(("b1_50_10", "b1_50_60"), _SMALL_CITY),
    **dict.fromkeys(("b5_20_30", "b5_20_120", "b5_100_30", "b5_100_120", "b5_500_30", "b5_500_120"), _SMALL_CITY),
    **dict.fromkeys(
        ("b20_200_120", "b20_1000_120", "b50_500_300", "b50_2000_300", "c_porto", "c_heidelberg"), _LARGE_CITY
    ),
}
