oops
