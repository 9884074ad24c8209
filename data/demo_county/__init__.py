"""The parts of the script that makes the synthetic demo county; run data/make_demo_county.py."""
