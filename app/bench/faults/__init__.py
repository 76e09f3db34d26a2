"""Writers killed and servers stopped, over and over: what was acknowledged must be there."""
