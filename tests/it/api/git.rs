//! Clone, fetch and push by the real git client, through the door.
