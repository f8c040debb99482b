//! Each step of the decision with its neighbours.
