"""What is known and how it is computed: pure, no Discord, no SQL, no clock, no environment."""
