"""Tests: support"""
