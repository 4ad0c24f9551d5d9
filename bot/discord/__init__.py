"""The Discord face: who answers is bot/ledger.py; here is what Discord needs around it."""
