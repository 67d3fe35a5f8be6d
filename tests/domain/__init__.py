"""Tests: domain"""
