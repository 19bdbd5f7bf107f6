// Assembly could do anything.
