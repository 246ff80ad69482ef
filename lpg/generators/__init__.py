"""What turns boxes into masks: the generator g of the paper in `learned`, its rivals in `baselines`, one interface."""
