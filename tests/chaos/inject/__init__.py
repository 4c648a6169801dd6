"""What is put into each process of the house: a clock that can be set, points to die at, a trace of what it did."""
