"""How good masks are where no ground truth is: what each shows of itself, its risk, and its IoU as a calibration has it."""
